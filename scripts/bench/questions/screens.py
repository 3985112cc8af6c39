"""How long the first screens of a rep take at a million leads."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from functools import partial

from engine.settings import Settings
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import Connection, get
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.report.figures import Figure, Row, below, percentile
from scripts.bench.state.cloned_leads import TAG, clone_lead_states
from scripts.bench.workbench import Question, Workbench

__all__ = ["LISTS", "QUEUES", "SCREENS", "p95"]

_EVENTS = 20_000
_SMALL_TIMES = 5
_OK = 200
LISTS = (
    "/api/leads",
    "/api/leads?stage=hot",
    "/api/leads?owner=person_0",
    "/api/leads?owner=person_0&stage=warm",
    f"/api/leads?tag={TAG}",
    "/api/leads?sort=-lastActivityAt",
    "/api/leads?outcome=open&risk=low",
)
QUEUES = ("/api/queue?owner=person_0&limit=20", "/api/queue?owner=person_1&limit=20")
"""Of a rep with tasks, and of one without any."""


async def _answer(bench: Workbench) -> list[Row]:
    times = bench.size(500, 50)
    source = await _source(bench)
    small, large = bench.settings(), bench.settings()
    for settings, number in ((small, _SMALL_TIMES), (large, times)):
        bench.say(f"copying {LEADS * number:,} leads inside MongoDB")
        await clone_lead_states(source, settings, number)
    reads = bench.size(50, 20)
    spent: list[float] = []

    async with bench.engine_on(small, "api"), bench.engine_on(large, "api") as (engine, _):
        processes = [*engine.pids.values(), bench.services.mongod.pid]

        async def queues(connection: Connection, number: int) -> float:
            before = cpu_seconds(processes)
            taken = await p95(connection, QUEUES, reads, number)
            if number:
                spent.append(1000 * (cpu_seconds(processes) - before) / (reads * len(QUEUES)))
            return taken

        with (
            closing(await Connection.open(small.host, small.port)) as few,
            closing(await Connection.open(large.host, large.port)) as many,
        ):
            samples = await bench.interleave(
                {
                    "lists at the large size": partial(p95, many, LISTS, reads),
                    "lists at the small size": partial(p95, few, LISTS, reads),
                    "queue at the large size": partial(queues, many),
                    "queue at the small size": partial(p95, few, QUEUES, reads),
                }
            )
    leads, before = f"{LEADS * times:,} leads", f"at {LEADS * _SMALL_TIMES:,} leads"
    lists = Figure("ms", samples["lists at the large size"])
    return [
        Row(
            question=21,
            name=f"first pages of lists at {leads}, p95",
            measured=lists,
            baseline=Figure("ms", samples["lists at the small size"]),
            baseline_name=before,
            reach=below(1.5),
            note=f"{len(LISTS)} filters and orders, {reads} reads each a round, one connection",
        ),
        Row(
            question=21,
            name=f"the same at {leads}",
            measured=lists,
            reach=below(100),
        ),
        Row(
            question=22,
            name=f"queue of one rep at {leads}, p95",
            measured=Figure("ms", samples["queue at the large size"]),
            baseline=Figure("ms", samples["queue at the small size"]),
            baseline_name=before,
            judged="measured",
            reach=below(150),
            note="20 leads; of a rep with tasks, and of one without, in turn",
        ),
        Row(
            question=22,
            name="processor time of it, API and MongoDB",
            measured=Figure("ms", tuple(spent)),
            note="per call, whatever else the machine does",
        ),
    ]


async def _source(bench: Workbench) -> Settings:
    """A store that the engine has made of a week of events."""
    settings = bench.settings()
    bench.say("building the small state through the engine")
    async with bench.engine_on(settings, *ALL_PARTS) as (_, runtime):
        plan = Plan(
            port=settings.port,
            connections=CONNECTIONS,
            requests=requests_of(sent_week(LEADS, _EVENTS), BATCH),
        )
        await apply_pass(runtime, plan, _EVENTS)
    return settings


async def p95(connection: Connection, paths: Sequence[str], reads: int, _: int = 0) -> float:
    """Milliseconds that 95 in 100 reads do not exceed. Raises `WrongResult` for an answer without a lead."""
    taken: list[float] = []
    for _number in range(reads):
        for path in paths:
            started = time.monotonic()
            answer = await connection.ask(get(path))
            taken.append(1000 * (time.monotonic() - started))
            verify(answer.status == _OK, f"{path} was answered with {answer.status}: {answer.body[:200]!r}")
            verify(b'"leadId"' in answer.body, f"{path} has no lead")
    return percentile(taken, 95)


SCREENS = Question("screens", "How long do lists and queue take at a million leads?", _answer, (21, 22))
