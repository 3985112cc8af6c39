"""What an event costs when there is a hundred times as much: the same events at a small and at a large size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from random import Random

from msgspec.structs import replace

from engine.runtime import Runtime
from scripts.bench.cloned_state import clone_name
from scripts.bench.engine_under_test import ALL_PARTS
from scripts.bench.figures import Figure, Row, below
from scripts.bench.large_state import large_state, verify_leads
from scripts.bench.load import Plan, blocks_of_passes
from scripts.bench.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.workbench import Question, Workbench
from scripts.bench.workload import live, requests_of
from workflows.event_input import EventInput

__all__ = ["GROWTH"]

_SAMPLE = 3
_MICROSECONDS = 1_000_000


async def _answer(bench: Workbench) -> list[Row]:
    state = await large_state(bench)
    size, rounds = bench.size(5_000, 2_000), bench.size(4, 2)
    chance = Random(7)
    copies = [chance.randrange(state.times) for _ in state.leads]
    large_leads = [clone_name(lead, copy) for lead, copy in zip(state.leads, copies, strict=True)]
    events = live(LEADS, size)
    passes = blocks_of_passes()
    next(passes)  # the first was how the state was made
    async with (
        bench.engine_on(state.small, *ALL_PARTS) as (_, small),
        bench.engine_on(state.large, *ALL_PARTS) as (_, large),
    ):

        async def cost(runtime: Runtime, leads: Sequence[str], _: int) -> float:
            plan = Plan(
                port=runtime.settings.port,
                connections=CONNECTIONS,
                requests=requests_of(_on(leads, events), BATCH),
                first_pass=next(passes),
            )
            return _MICROSECONDS / await apply_pass(runtime, plan, size)

        samples = await bench.interleave(
            {
                "at the small size": partial(cost, small, state.leads),
                "at the large size": partial(cost, large, large_leads),
            },
            rounds,
        )
    await verify_leads(bench, state.large, chance.sample(large_leads, _SAMPLE))
    leads = len(state.leads)
    return [
        Row(
            question=12,
            name=f"cost of an event at {leads * state.times:,} leads, {state.events:,} events",
            measured=Figure("us", samples["at the large size"]),
            baseline=Figure("us", samples["at the small size"]),
            baseline_name=f"at {leads:,} leads, {state.events // state.times:,} events",
            reach=below(1.3),
            aim=below(1.1),
            note=f"{size * rounds:,} further events for {leads:,} of the leads, end to end",
        )
    ]


def _on(leads: Sequence[str], events: Sequence[EventInput]) -> list[EventInput]:
    """The events, happening to these leads instead."""
    names = sorted({event.lead_id for event in events})
    renamed = {name: leads[number % len(leads)] for number, name in enumerate(names)}
    return [replace(event, lead_id=renamed[event.lead_id]) for event in events]


GROWTH = Question("growth", "What does an event cost when there is a hundred times as much?", _answer)
