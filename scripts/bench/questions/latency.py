"""Latency from sending an event until its score can be read, at half of the sustained load."""

from __future__ import annotations

import asyncio

from msgspec.structs import replace

from scripts.bench.checks import verify
from scripts.bench.load.applied import until_settled
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, sustained
from scripts.bench.load.plan import Load, Plan, blocks_of_passes
from scripts.bench.load.workload import live, requests_of
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.report.figures import Figure, Row, below, percentile
from scripts.bench.workbench import Question, Workbench

__all__ = ["LATENCY", "PROBES_PER_SECOND", "PROBE_CONNECTIONS", "visible_under_load"]

PROBES_PER_SECOND = 25
PROBE_CONNECTIONS = 64


async def visible_under_load(load: Plan, probes: Plan) -> list[float]:
    """Milliseconds until each probe's score could be read, during the load; everything must be accepted."""
    loading, probing = await Load.prepare(load), await Load.prepare(probes)
    loaded, probed = await asyncio.gather(loading.run(), probing.run())
    loaded.verify_all(202)
    probed.verify_all(200)
    verify(len(probed.seconds) > 0, "nothing was probed")
    return [1000 * seconds for seconds in probed.seconds]


async def _answer(bench: Workbench) -> list[Row]:
    seconds, events = bench.size(12, 4), bench.size(20_000, 4_000)
    passes = blocks_of_passes()
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        load = Plan(
            port=engine.settings.port,
            connections=CONNECTIONS,
            requests=requests_of(live(LEADS, events), BATCH),
            first_pass=next(passes),
        )
        half = await sustained(bench, runtime, load, events) / 2
        load = replace(load, per_second=half / BATCH, seconds=seconds)
        probes = Plan(
            port=engine.settings.port,
            connections=PROBE_CONNECTIONS,
            requests=requests_of(live(LEADS, PROBES_PER_SECOND * seconds), 1),
            per_second=PROBES_PER_SECOND,
            seconds=seconds,
            until_visible=True,
        )
        medians, tails = [], []
        for number in range(bench.size(0, 1), bench.size(3, 2) + 1):
            await until_settled(runtime)
            bench.say(f"round {number}" if number else "warming up")
            taken = await visible_under_load(
                replace(load, first_pass=next(passes)), replace(probes, first_pass=next(passes))
            )
            if number:
                medians.append(percentile(taken, 50))
                tails.append(percentile(taken, 99))
    note = f"{PROBES_PER_SECOND} probes per second beside {half:,.0f} events/s, half of what is sustained"
    return [
        Row(
            question=5,
            name="POST to new score visible by GET, p50",
            measured=Figure("ms", tuple(medians)),
            reach=below(60),
            note=note,
        ),
        Row(
            question=5,
            name="POST to new score visible by GET, p99",
            measured=Figure("ms", tuple(tails)),
            reach=below(250),
            aim=below(120),
            note=note,
        ),
    ]


LATENCY = Question("latency", "How long until a sent event shows in its lead's score?", _answer, (5,))
