"""How fast the intelligence of leads is read over HTTP."""

from __future__ import annotations

from random import Random

from scripts.bench.baselines.raw import find_ones
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import get
from scripts.bench.load.plan import Plan, send
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.state.fixtures import fill
from scripts.bench.workbench import Question, Workbench

__all__ = ["READ"]

_CONNECTIONS = 32


async def _answer(bench: Workbench) -> list[Row]:
    leads, reads = bench.size(2_000, 300), bench.size(4_000, 1_000)
    async with bench.engine("api") as (engine, runtime):
        filled = await fill(runtime, leads)
        chosen = Random(7).choices(filled, k=reads)
        plan = Plan(
            port=engine.settings.port,
            connections=_CONNECTIONS,
            requests=[get(f"/api/leads/{lead}/intelligence") for lead in chosen],
        )

        async def read(_: int) -> float:
            outcome = (await send(plan)).verify_all(200)
            verify(outcome.requests == reads, f"{outcome.requests} of {reads} leads were read")
            return reads / outcome.elapsed

        async def plain(_: int) -> float:
            return await find_ones(runtime.store.database["leads"], chosen, _CONNECTIONS)

        samples = await bench.interleave({"read": read, "find_one": plain})
    return [
        Row(
            question=10,
            name=f"intelligence read, {_CONNECTIONS} connections",
            measured=Figure("reads/s", samples["read"]),
            baseline=Figure("reads/s", samples["find_one"]),
            baseline_name="raw find_one of the lead",
            reach=at_least(0.4),
            aim=at_least(0.7),
            note=f"{reads:,} reads a round of {len(filled):,} leads",
        )
    ]


READ = Question("read", "How fast is a lead's intelligence read?", _answer, (10,))
