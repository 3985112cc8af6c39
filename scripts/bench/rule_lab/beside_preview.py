"""The ingest beside a preview that the scheduler works on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from itertools import count

from msgspec.structs import replace

from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.plan import Plan, send
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.rule_lab.histories import store_histories, tried
from scripts.bench.workbench import Question, Workbench
from workflows.rule_lab.start import Wanted, start_preview

__all__ = ["BESIDE_PREVIEW"]

_BATCH, _CONNECTIONS, _SENDERS = 100, 16, 2_000
_UNDER_WAY = 2
"""Steps: the leads are counted, and some are compared."""
_PATIENCE_SECONDS, _POLL_SECONDS = 120, 0.02


async def _answer(bench: Workbench) -> list[Row]:
    """Ingest over HTTP, with and without a preview in a process that works on one after the other."""
    events = bench.size(40_000, 8_000)
    async with bench.engine("api", "scheduler") as (engine, runtime):
        await store_histories(runtime, bench.size(1_500, 400))
        requests = requests_of(sent_week(_SENDERS, events), _BATCH)
        plan = Plan(port=engine.settings.port, connections=_CONNECTIONS, requests=requests)
        passes = count()

        async def take_in() -> float:
            outcome = (await send(replace(plan, first_pass=next(passes)))).verify_all(202)
            return events / outcome.elapsed

        async def beside(_: int) -> float:
            async with _preview_under_way(runtime):
                return await take_in()

        async def alone(_: int) -> float:
            return await take_in()

        samples = await bench.interleave({"beside a preview": beside, "alone": alone})
    return [
        Row(
            question=33,
            name="ingest beside a preview",
            measured=Figure("events/s", samples["beside a preview"]),
            baseline=Figure("events/s", samples["alone"]),
            baseline_name="the same ingest without",
            reach=at_least(0.95),
            note=f"{events:,} events per round; the preview is worked on all the while",
        )
    ]


@contextlib.asynccontextmanager
async def _preview_under_way(runtime: Runtime) -> AsyncIterator[None]:
    """A preview that the scheduler works on, from its first step until after the last."""
    previews = runtime.rule_lab.previews
    started = await start_preview(runtime, ENGINE, tried(runtime), "", Wanted())
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (await previews.get(started.preview_id)).step < _UNDER_WAY:  # noqa: ASYNC110 - of another process
            await asyncio.sleep(_POLL_SECONDS)
    yield
    verify(
        (await previews.get(started.preview_id)).progress.state == "running",
        "the preview ended before the ingest beside it",
    )
    await previews.delete(started.preview_id)


BESIDE_PREVIEW = Question(
    "beside-preview", "What does a preview leave to the ingest beside it?", _answer, (33,)
)
