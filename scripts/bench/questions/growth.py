"""The cost of an event at a small size of the store, and at one a hundred times as large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from msgspec.structs import replace

from engine.runtime import Runtime
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan, blocks_of_passes
from scripts.bench.load.workload import live, requests_of
from scripts.bench.processes.engine_process import ALL_PARTS, EngineUnderTest
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.state.cloned_state import clone_name
from scripts.bench.state.large_state import large_state, verify_leads
from scripts.bench.workbench import LargeState, Question, Workbench
from workflows.capture.event_input import EventInput

__all__ = ["GROWTH"]

_SAMPLE = 3
_MICROSECONDS = 1_000_000
_SMALL, _LARGE = "at the small size", "at the large size"


class _Size:
    """An engine at one size, and the leads of it that something happens to."""

    def __init__(
        self,
        bench: Workbench,
        running: tuple[EngineUnderTest, Runtime],
        events: Sequence[EventInput],
        passes: Iterator[int],
    ) -> None:
        engine, self._runtime = running
        self._processes = [*engine.pids.values(), bench.services.mongod.pid]
        self._events = len(events)
        self._plan = Plan(
            port=engine.settings.port, connections=CONNECTIONS, requests=requests_of(events, BATCH)
        )
        self._passes = passes
        self._processor: list[float] = []

    async def cost(self, number: int) -> float:
        """Microseconds per event, end to end; processor time is recorded beside it."""
        before = cpu_seconds(self._processes)
        plan = replace(self._plan, first_pass=next(self._passes))
        speed = await apply_pass(self._runtime, plan, self._events)
        if number:
            self._processor.append((cpu_seconds(self._processes) - before) / self._events * _MICROSECONDS)
        return _MICROSECONDS / speed

    @property
    def processor(self) -> Figure:
        """Microseconds of processor time per event, of all parts and MongoDB."""
        return Figure("us", tuple(self._processor))


async def _answer(bench: Workbench) -> list[Row]:
    state = await large_state(bench)
    events, rounds = live(LEADS, bench.size(2_500, 1_500)), bench.size(8, 3)
    chance = Random(7)
    chosen = [clone_name(lead, chance.randrange(state.times)) for lead in state.leads]
    passes = blocks_of_passes()
    next(passes)  # the first was how the state was made
    async with (
        bench.engine_on(state.small, *ALL_PARTS) as at_small,
        bench.engine_on(state.large, *ALL_PARTS) as at_large,
    ):
        small = _Size(bench, at_small, _happening_to(state.leads, events), passes)
        large = _Size(bench, at_large, _happening_to(chosen, events), passes)
        samples = await bench.interleave({_LARGE: large.cost, _SMALL: small.cost}, rounds)
    await verify_leads(bench, state.large, chance.sample(chosen, _SAMPLE))
    times = Figure("us", samples[_LARGE]), Figure("us", samples[_SMALL])
    note = f"{len(events) * rounds:,} further events for {len(chosen):,} of the leads, end to end"
    return [
        _row(state, "time", *times, note),
        _row(state, "processor time", large.processor, small.processor, "of all parts and MongoDB"),
    ]


def _row(state: LargeState, what: str, large: Figure, small: Figure, note: str) -> Row:
    leads = len(state.leads)
    return Row(
        question=12,
        name=f"{what} an event takes at {leads * state.times:,} leads, {state.events:,} events",
        measured=large,
        baseline=small,
        baseline_name=f"at {leads:,} leads, {state.events // state.times:,} events",
        reach=below(1.3),
        aim=below(1.1),
        note=note,
    )


def _happening_to(leads: Sequence[str], events: Sequence[EventInput]) -> list[EventInput]:
    """The same events for these leads."""
    names = sorted({event.lead_id or "" for event in events})
    renamed = {name: leads[number % len(leads)] for number, name in enumerate(names)}
    return [replace(event, lead_id=renamed[event.lead_id or ""]) for event in events]


GROWTH = Question("growth", "What does an event cost when there is a hundred times as much?", _answer, (12,))
