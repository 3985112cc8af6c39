"""How fast everything can be rebuilt from its events, by one process."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.capture.codec import decode
from engine.process.gc_tuning import freeze_heap
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.store.mongo import without_codec
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.state.fixtures import fill
from scripts.bench.workbench import Question, Workbench
from workflows.leads.replay import replay

__all__ = ["REBUILD"]

_OTHER = "classic"


async def _answer(bench: Workbench) -> list[Row]:
    leads = bench.size(2_000, 300)
    async with bench.store() as runtime:
        filled = await fill(runtime, leads)
        events = await runtime.capture.events.count()
        freeze_heap()  # as `lead-engine replay` does; the baseline gains by it too

        async def rebuild(_: int) -> float:
            started = time.monotonic()
            report = await replay(runtime)
            seconds = time.monotonic() - started
            verify(report.events == events, f"{report.events} of {events} events were replayed")
            verify(not report.drifted, f"{len(report.drifted)} leads had drifted")
            return events / seconds

        async def scan(_: int) -> float:
            started = time.monotonic()
            cursor = without_codec(runtime.store.database["events"]).find().sort([("leadId", 1), ("_id", 1)])
            read = len([decode(document) async for document in cursor])
            seconds = time.monotonic() - started
            verify(read == events, f"{read} of {events} events were read")
            return events / seconds

        samples = await bench.interleave({"rebuild": rebuild, "raw scan": scan})
        switched = await _switch(bench, runtime, filled)
    return [
        Row(
            question=7,
            name="rebuild of everything, one process",
            measured=Figure("events/s", samples["rebuild"]),
            baseline=Figure("events/s", samples["raw scan"]),
            baseline_name="a cursor that decodes every event",
            reach=at_least(0.35),
            aim=at_least(0.6),
            note=f"`replay` over {events:,} events of {len(filled):,} leads that are right",
        ),
        Row(
            question=7,
            name="switch to another rulebook, one process",
            measured=Figure("leads/s", switched),
            note=f"`replay` that rewrites every lead and its history, `standard` to `{_OTHER}` and back",
        ),
    ]


async def _switch(bench: Workbench, runtime: Runtime, leads: Sequence[str]) -> tuple[float, ...]:
    """Leads a second of rewriting all of them, there and back."""
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
