"""How fast everything can be rebuilt from its events, by one process and by two, beside the fold alone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from domain.events.event import Event
from domain.leads.fold import fold
from domain.leads.state import initial_state
from engine.process.gc_tuning import freeze_heap
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.rounds import Measure
from scripts.bench.state.cloned_state import clone_leads
from scripts.bench.state.fixtures import fill
from scripts.bench.workbench import Question, Workbench
from scripts.cli.passes.replay_processes import ReplayTask, replay_in_processes
from workflows.replay.checkpoint import forget_checkpoints
from workflows.replay.replay import replay

__all__ = ["REBUILD"]

_OTHER = "classic"
_TIMES = 4
"""Copies of the simulated leads, so that a round takes seconds and not the moment in which processes begin."""
_LEADS_AT_A_TIME = 200


async def _answer(bench: Workbench) -> list[Row]:
    leads = bench.size(2_000, 300)
    async with bench.store() as runtime, bench.store() as other:
        filled = await fill(runtime, leads)
        events = await clone_leads(runtime.settings, other.settings, _TIMES)
        samples = await bench.interleave(
            {
                "one process": _rebuilding(other, 1, events),
                "two processes": _rebuilding(other, 2, events),
                "pure fold": await _folding(other, events),
            }
        )
        switched = await _switch(bench, runtime, filled)
    one, two = Figure("events/s", samples["one process"]), Figure("events/s", samples["two processes"])
    note = f"`replay` over {events:,} events of {len(filled) * _TIMES:,} leads that are right"
    return [
        Row(
            question=7,
            name="rebuild of everything, one process",
            measured=one,
            baseline=Figure("events/s", samples["pure fold"]),
            baseline_name="the pure fold of these events, in memory",
            reach=at_least(0.6),
            note=note,
        ),
        Row(
            question=7,
            name="rebuild of everything, two processes",
            measured=two,
            baseline=one,
            baseline_name="one process",
            reach=at_least(1.5),
            note=note,
        ),
        Row(
            question=7,
            name="switch to another rulebook, one process",
            measured=Figure("leads/s", switched),
            note=f"`replay` that rewrites every lead and its history, `standard` to `{_OTHER}` and back",
        ),
    ]


def _rebuilding(runtime: Runtime, processes: int, events: int) -> Measure:
    """Events per second from the moment when every process is connected."""

    async def measure(_: int) -> float:
        started = 0.0

        def start() -> None:
            nonlocal started
            started = time.monotonic()

        report = await replay_in_processes(ReplayTask(runtime.settings, "rebuild"), processes, on_start=start)
        seconds = time.monotonic() - started
        await forget_checkpoints(runtime, runtime.rulebook)
        verify(report.events == events, f"{report.events} of {events} events were replayed")
        verify(not report.drifted, f"{len(report.drifted)} leads had drifted")
        return events / seconds

    return measure


async def _folding(runtime: Runtime, events: int) -> Measure:
    """Events per second of the fold alone, of one process that has all of them in memory."""
    streams = await _streams(runtime)
    verify(sum(map(len, streams.values())) == events, "not all events were read")
    freeze_heap()

    async def measure(_: int) -> float:
        started = time.monotonic()
        for lead_id, stream in streams.items():
            fold(initial_state(lead_id, runtime.rulebook), stream, runtime.rulebook)
        return events / (time.monotonic() - started)

    return measure


async def _streams(runtime: Runtime) -> Mapping[str, Sequence[Event]]:
    lead_ids = [doc["_id"] async for doc in runtime.store.database["leads"].find({}, {"_id": 1})]
    streams: dict[str, Sequence[Event]] = {}
    for start in range(0, len(lead_ids), _LEADS_AT_A_TIME):
        some = await runtime.capture.events.of_leads(lead_ids[start : start + _LEADS_AT_A_TIME])
        streams |= {lead_id: [event.decode() for event in stored] for lead_id, stored in some.items()}
    return streams


async def _switch(bench: Workbench, runtime: Runtime, leads: Sequence[str]) -> tuple[float, ...]:
    """Leads per second of rewriting all of them, there and back."""
    speeds = []
    for name in (_OTHER, runtime.rulebook.name):
        bench.say(f"switching to {name}")
        async with open_runtime(runtime.settings, rulebook=load_rulebook(name)) as other:
            started = time.monotonic()
            report = await replay(other)
            speeds.append(len(leads) / (time.monotonic() - started))
        verify(report.rebuilt == len(leads), f"{report.rebuilt} of {len(leads)} leads were rewritten")
    return tuple(speeds)


REBUILD = Question("rebuild", "How fast can everything be rebuilt from its events?", _answer, (7,))
