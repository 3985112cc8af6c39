"""What a challenger costs beside the active rulebook: processor time to follow events, beside that to apply them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.rule_lab.histories import tried
from scripts.bench.state.fixtures import apply_to, fill
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.rule_lab.shadow import follow_shadow, start_shadow

__all__ = ["SHADOW"]

_DAYS = 30
_KINDS = ("page_view", "page_view", "email_open", "download")
_MICROSECONDS = 1_000_000


async def _answer(bench: Workbench) -> list[Row]:
    async with bench.store() as runtime:
        leads = await fill(runtime, bench.size(2_000, 300))
        await start_shadow(runtime, ENGINE, tried(runtime), "", _DAYS)
        bench.say(f"the challenger folds {len(leads):,} leads")
        while await follow_shadow(runtime):
            pass
        applied, followed = [], []
        for number in range(bench.rounds + 1):
            events = await _visits(runtime, leads, number)
            applied.append(await _micros(lambda: apply_to(runtime, leads), events, events))
            followed.append(await _micros(lambda: follow_shadow(runtime), events, len(leads)))
    return [
        Row(
            question=36,
            name="a challenger that follows events",
            measured=Figure("us/event", tuple(followed[1:])),
            baseline=Figure("us/event", tuple(applied[1:])),
            baseline_name="the same events applied: fold, state, history",
            reach=below(1.0),
            note=f"{len(leads):,} leads of {len(_KINDS)} events per round; processor time of one process",
        )
    ]


async def _visits(runtime: Runtime, leads: list[str], number: int) -> int:
    """Each lead comes by now. Returns how many events that is."""
    now = datetime.now(UTC)
    events = [
        EventInput(lead_id=lead, type=kind, event_id=f"visit:{number}:{lead}:{place}", occurred_at=now)
        for lead in leads
        for place, kind in enumerate(_KINDS)
    ]
    for start in range(0, len(events), 1_000):
        await ingest(runtime, events[start : start + 1_000])
    return len(events)


async def _micros(work: Callable[[], Awaitable[int]], events: int, right: int) -> float:
    """Processor time per event of work that must say it has done as much as is right, in microseconds."""
    used = time.process_time()
    done = await work()
    seconds = time.process_time() - used
    verify(done == right, f"{done} of {right} were done")
    return seconds / events * _MICROSECONDS


SHADOW = Question("shadow", "What does a challenger cost beside the active rulebook?", _answer, (36,))
