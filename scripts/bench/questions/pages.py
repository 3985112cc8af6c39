"""Whether the thousandth page of leads costs what the first does."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial
from itertools import pairwise
from statistics import median
from typing import Any

import msgspec

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import Connection, get
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.state.large_state import large_state
from scripts.bench.workbench import Question, Workbench

__all__ = ["PAGES"]

_PAGES = 1_000
_LIMIT = 10
_OK = 200


class _Page(msgspec.Struct, rename="camel"):
    items: list[dict[str, Any]]
    next_cursor: str | None = None


async def _answer(bench: Workbench) -> list[Row]:
    state = await large_state(bench)
    reads = bench.size(200, 60)
    async with bench.engine_on(state.large, "api") as (engine, runtime):
        stage, leads = await _fullest_stage(runtime)
        with closing(await Connection.open(engine.settings.host, engine.settings.port)) as connection:
            first = f"/api/leads?stage={stage}&sort=-score&limit={_LIMIT}"
            bench.say(f"turning {_PAGES} pages")
            last = await _turn_pages(connection, first)

            async def cost(path: str, _: int) -> float:
                return median([await _milliseconds(connection, path) for _ in range(reads)])

            samples = await bench.interleave(
                {"first page": partial(cost, first), f"page {_PAGES}": partial(cost, last)}
            )
    return [
        Row(
            question=11,
            name=f"page {_PAGES:,} of the leads by score",
            measured=Figure("ms", samples[f"page {_PAGES}"]),
            baseline=Figure("ms", samples["first page"]),
            baseline_name="the first page",
            reach=below(1.3),
            note=f"stage {stage}, which has the most: {leads:,} of {state.times * len(state.leads):,} leads; "
            f"{_LIMIT} a page; one connection, median of {reads} reads a round",
        )
    ]


async def _fullest_stage(runtime: Runtime) -> tuple[str, int]:
    """The stage with the most leads, and how many."""
    stages = runtime.rulebook.stages.names
    counted = {
        stage: await runtime.store.database["leads"].count_documents({"stage": stage}) for stage in stages
    }
    fullest = max(counted, key=lambda stage: counted[stage])
    verify(counted[fullest] > _PAGES * _LIMIT, f"no stage has {_PAGES} pages: {counted}")
    return fullest, counted[fullest]


async def _turn_pages(connection: Connection, first: str) -> str:
    """The path of the last page; every page must continue where the one before it ended."""
    path, seen, scores = first, set[str](), list[float]()
    for number in range(1, _PAGES + 1):
        page = await _read(connection, path)
        verify(len(page.items) == _LIMIT and page.next_cursor is not None, f"page {number} ends too early")
        seen |= {item["leadId"] for item in page.items}
        scores += [item["score"] for item in page.items]
        if number < _PAGES:
            path = f"{first}&cursor={page.next_cursor}"
    verify(len(seen) == _PAGES * _LIMIT, "a lead is on two pages")
    verify(_falls(scores), "the pages are not in the order of the score")
    return path


def _falls(scores: Sequence[float]) -> bool:
    return all(before >= after for before, after in pairwise(scores))


async def _read(connection: Connection, path: str) -> _Page:
    answer = await connection.ask(get(path))
    verify(answer.status == _OK, f"{path} was answered with {answer.status}: {answer.body[:200]!r}")
    return msgspec.json.decode(answer.body, type=_Page)


async def _milliseconds(connection: Connection, path: str) -> float:
    started = time.monotonic()
    await connection.ask(get(path))
    return 1000 * (time.monotonic() - started)


PAGES = Question("pages", "Does the thousandth page of leads cost what the first does?", _answer, (11,))
