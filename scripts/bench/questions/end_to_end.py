"""How fast accepted events reach their leads, beside a naive design and beside plain inserts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count

from msgspec.structs import replace

from scripts.bench.baselines.naive import POINTS, NaiveEngine, NaiveEvent
from scripts.bench.baselines.raw import copy_indexes, insert_batches, renumbered
from scripts.bench.checks import verify
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.workbench import Question, Workbench
from scripts.demo.simulated_week import SOURCE
from workflows.capture.event_input import EventInput

__all__ = ["END_TO_END"]


async def _answer(bench: Workbench) -> list[Row]:
    size, naive_size = bench.size(20_000, 4_000), bench.size(1_000, 200)
    events = sent_week(LEADS, size)
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        plan = Plan(port=engine.settings.port, connections=CONNECTIONS, requests=requests_of(events, BATCH))
        passes = count()
        await apply_pass(runtime, replace(plan, first_pass=next(passes)), size)
        naive = NaiveEngine(runtime.store.client, runtime.store.database)
        await naive.set_up()
        raw = runtime.store.database["rawEvents"]
        await copy_indexes(runtime.store.database["events"], raw)
        stored = await runtime.store.database["events"].find({"source": SOURCE}).sort("_id", 1).to_list()

        async def of_engine(_: int) -> float:
            return await apply_pass(runtime, replace(plan, first_pass=next(passes)), size)

        async def of_naive(number: int) -> float:
            return await _apply_naively(naive, events[:naive_size], number)

        async def of_raw(number: int) -> float:
            return await insert_batches(raw, renumbered(stored, number), BATCH, CONNECTIONS)

        samples = await bench.interleave(
            {"end to end": of_engine, "naive design": of_naive, "plain inserts": of_raw}
        )
    measured = Figure("events/s", samples["end to end"])
    bench.sustained = measured.median
    note = f"{size:,} events of {LEADS:,} leads per round, first request to last lead applied, `standard`"
    return [
        Row(
            question=3,
            name="end to end, HTTP to applied",
            measured=measured,
            baseline=Figure("events/s", samples["naive design"]),
            baseline_name="naive design: one transaction per event, 8 in flight",
            reach=at_least(8),
            aim=at_least(12),
            note=note,
        ),
        Row(
            question=4,
            name="end to end, HTTP to applied",
            measured=measured,
            baseline=Figure("events/s", samples["plain inserts"]),
            baseline_name="raw insert_many",
            reach=at_least(0.2),
            aim=at_least(0.33),
            note=note,
        ),
    ]


async def _apply_naively(naive: NaiveEngine, events: Sequence[EventInput], number: int) -> float:
    """Events per second; every lead must end with the points of its events."""
    sent = [
        NaiveEvent(f"{number}:{event.event_id}", f"{number}:{event.lead_id}", event.type) for event in events
    ]
    right: dict[str, int] = {}
    for event in sent:
        right[event.lead_id] = right.get(event.lead_id, 0) + POINTS.get(event.type, 0)
    speed = await naive.apply_all(sent)
    scores = await naive.scores()
    verify(all(scores.get(lead) == points for lead, points in right.items()), "naive totals are wrong")
    return speed


END_TO_END = Question("end-to-end", "How fast do accepted events reach their leads?", _answer, (3, 4))
