"""Makes the passing of time visible: appends a `score.decayed` event where it has changed enough.

Scores are right without it, because decay is computed on reading. The events put it into history and let
automations see it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.decay import decay_event_id, is_worth_writing
from domain.errors import Invalid
from domain.event import DECAYED, ENGINE_SOURCE, NewEvent
from domain.instant import Millis, date_bucket
from domain.lead import LeadState
from engine.runtime import Runtime

__all__ = ["DecayReport", "apply_decay"]

_BATCH = 500
_AT_ONCE = 50
_MOST_FUTURE: Millis = 5 * 60_000


@dataclass
class DecayReport:
    """What one pass did: leads looked at, events written, and events that an earlier pass had written."""

    day: str
    leads: int = 0
    written: int = 0
    already: int = 0


async def apply_decay(
    runtime: Runtime,
    as_of: Millis | None = None,
    *,
    on_progress: Callable[[DecayReport], None] = lambda _: None,
) -> DecayReport:
    """Pass over all leads at `as_of` (default: now). At most one event a lead and UTC day, however often it runs.

    A pass that was stopped goes on after the last lead it finished. Leads that another rulebook has scored are left
    to be rebuilt first. Raises `Invalid` for a moment in the future.
    """
    at = runtime.now() if as_of is None else as_of
    if at > runtime.now() + _MOST_FUTURE:
        raise Invalid(
            "Decay cannot be written for the future; to look ahead, read a lead's intelligence with asOf."
        )
    report = DecayReport(day=date_bucket("day", at))
    mark = f"decay:{report.day}"
    after = await runtime.checkpoints.last_lead(mark)
    writing = asyncio.create_task(_write(runtime, [], mark, after, report))
    try:
        async for states in runtime.leads.scan(after, at_a_time=_BATCH):
            if not states:
                continue
            events = await _worth_writing(runtime, states, at)
            await writing
            on_progress(report)
            # While these are stored, the next leads are looked at.
            writing = asyncio.create_task(_write(runtime, events, mark, states[-1].lead_id, report))
            report.leads += len(states)
    finally:
        await asyncio.wait({writing})
    await writing
    await runtime.checkpoints.clear(mark)
    on_progress(report)
    return report


async def _worth_writing(runtime: Runtime, states: Sequence[LeadState], at: Millis) -> list[NewEvent]:
    """The events of those leads of which time has changed enough. Lets what is being written go on meanwhile."""
    events: list[NewEvent] = []
    rulebook, received_at = runtime.rulebook, runtime.now()
    for number, state in enumerate(states, 1):
        if number % _AT_ONCE == 0:
            await asyncio.sleep(0)
        if state.rulebook == rulebook.label and is_worth_writing(state, at, rulebook):
            events.append(
                NewEvent(
                    event_id=decay_event_id(state.lead_id, at),
                    lead_id=state.lead_id,
                    type=DECAYED,
                    occurred_at=at,
                    received_at=received_at,
                    body_hash=DECAYED,
                    source=ENGINE_SOURCE,
                )
            )
    return events


async def _write(
    runtime: Runtime, events: Sequence[NewEvent], mark: str, last_lead: str, report: DecayReport
) -> None:
    """Append the events, then note that the pass has come to this lead."""
    if events:
        results = await runtime.appender.append(events)
        accepted = sum(result.status == "accepted" for result in results)
        report.written += accepted
        report.already += len(results) - accepted
    await runtime.checkpoints.passed(mark, last_lead)
