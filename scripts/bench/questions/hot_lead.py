"""The cost of one lead that takes half of all events, for itself and for the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace

from scripts.bench.load.applied import until_settled
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan, blocks_of_passes
from scripts.bench.load.workload import live, requests_of
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.questions.latency import PROBE_CONNECTIONS, PROBES_PER_SECOND, visible_under_load
from scripts.bench.report.figures import Figure, Row, at_least, below, percentile
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput

__all__ = ["HOT_LEAD"]

_HOT = "hot-lead"


async def _answer(bench: Workbench) -> list[Row]:
    size, seconds, rounds = bench.size(8_000, 2_000), bench.size(6, 3), bench.size(3, 2)
    even = live(LEADS, size)
    passes = blocks_of_passes()
    async with bench.engine(*ALL_PARTS) as (engine, runtime):

        def plan(events: Sequence[EventInput]) -> Plan:
            return Plan(
                port=engine.settings.port, connections=CONNECTIONS, requests=requests_of(events, BATCH)
            )

        plans = {"even": plan(even), "hot": plan(_half_of_them_hot(even))}
        probes = Plan(
            port=engine.settings.port,
            connections=PROBE_CONNECTIONS,
            requests=requests_of(live(LEADS, PROBES_PER_SECOND * seconds), 1),
            per_second=PROBES_PER_SECOND,
            seconds=seconds,
            until_visible=True,
        )

        async def speed(name: str, _: int) -> float:
            return await apply_pass(runtime, replace(plans[name], first_pass=next(passes)), size)

        speeds = await bench.interleave(
            {name: partial(speed, name) for name in plans}, rounds, warm_up=not bench.quick
        )
        half = Figure("", speeds["even"]).median / 2

        async def tail(name: str, _: int) -> float:
            await until_settled(runtime)
            load = replace(plans[name], per_second=half / BATCH, seconds=seconds, first_pass=next(passes))
            return percentile(await visible_under_load(load, replace(probes, first_pass=next(passes))), 95)

        tails = await bench.interleave({name: partial(tail, name) for name in plans}, rounds, warm_up=False)
    return [
        Row(
            question=6,
            name="one lead takes half of all events",
            measured=Figure("events/s", speeds["hot"]),
            baseline=Figure("events/s", speeds["even"]),
            baseline_name="the same load spread evenly",
            reach=at_least(0.7),
            aim=at_least(0.9),
            note=f"{size:,} events per round, end to end",
        ),
        Row(
            question=6,
            name="p95 of the other leads meanwhile",
            measured=Figure("ms", tails["hot"]),
            baseline=Figure("ms", tails["even"]),
            baseline_name="the same load spread evenly",
            reach=below(2),
            note=f"POST to visible beside {half:,.0f} events/s",
        ),
    ]


def _half_of_them_hot(events: Sequence[EventInput]) -> list[EventInput]:
    return [replace(event, lead_id=_HOT) if number % 2 else event for number, event in enumerate(events)]


HOT_LEAD = Question("hot-lead", "What does one lead with half of all events cost?", _answer, (6,))
