"""Events of leads that time alone has changed: one per change, as of its moment, and what lists show refreshed.

They make no number: scores are right without them. They make the change visible in the history and to automations, whose
age is that of the change: what happened long ago, in imported history, fires nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from domain.events.applied_positions import AppliedPositions
from domain.events.event import ENGINE_SOURCE, NewEvent
from domain.events.vocabulary import SCORE_DECAYED
from domain.instant import HOUR, MINUTE, Millis
from domain.leads.assess import assess
from domain.leads.state import LeadState
from domain.leads.time_changes import changes_by_time, next_change, time_event_id
from engine.leads.lead_document import Shown, StoredLead, UnreadableLead
from engine.runtime import Runtime
from workflows.leads.accounts import accounts_of
from workflows.leads.rebuild import try_rebuild

__all__ = ["Recorded", "record_time"]

_LEADS_PER_TURN = 50
"""Leads that are looked at in one turn of the event loop."""
_AFTER_FAILURE: Millis = HOUR
_TO_APPLY: Millis = MINUTE
"""A lead whose changes were recorded is looked at again so much later, unless the events are applied before."""


@dataclass
class Recorded:
    """Leads looked at, events appended, those that had been before, leads refreshed, and leads that cannot be folded."""

    looked_at: int = 0
    written: int = 0
    already: int = 0
    refreshed: int = 0
    failed: int = 0


async def record_time(
    runtime: Runtime, leads: Sequence[StoredLead], at: Millis, *, min_delta: float = 0.0
) -> Recorded:
    """Record what time has changed in these leads by `at`, and refresh what lists show of them.

    A lead without a change is refreshed if the score shown is off by `min_delta` points. Outdated leads are rebuilt first.
    """
    recorded, events, failed = Recorded(), list[NewEvent](), list[str]()
    shown: dict[str, tuple[AppliedPositions, Shown]] = {}
    accounts: set[str] = set()
    for number, lead in enumerate(leads):
        if number % _LEADS_PER_TURN == 0:
            await asyncio.sleep(0)
        recorded.looked_at += 1
        state = await _current(runtime, lead)
        if state is None:
            failed.append(lead.lead_id)
            continue
        now, rules = max(runtime.now(), state.clock), runtime.rulebook
        changes = changes_by_time(state, at, rules)
        events += [_event(state.lead_id, moment, runtime.now()) for moment in changes]
        score = rules.score.total(state.score, now).score
        if changes or abs(score - lead.shown_score) >= min_delta:
            due = now + _TO_APPLY if changes else next_change(state, now, rules)
            accounts |= accounts_of(state)
            shown[state.lead_id] = state.applied, Shown(assess(state, now, rules), due)
    results = await runtime.capture.appender.append(events) if events else []
    await runtime.leads.states.refresh(shown)
    await runtime.accounts.changes.add(accounts)
    await runtime.leads.states.postpone(failed, runtime.now() + _AFTER_FAILURE)
    recorded.failed = len(failed)
    recorded.refreshed = len(shown)
    recorded.written = sum(result.status == "accepted" for result in results)
    recorded.already = len(results) - recorded.written
    return recorded


async def _current(runtime: Runtime, lead: StoredLead) -> LeadState | None:
    """The lead's state under the active rulebook, rebuilt if it is not; None if it cannot be folded."""
    if lead.is_current(runtime.rulebook.label):
        try:
            return lead.decode()
        except UnreadableLead:
            pass
    if await try_rebuild(runtime, lead.lead_id) is not None:
        return None
    return await runtime.leads.states.get(lead.lead_id)


def _event(lead_id: str, at: Millis, received_at: Millis) -> NewEvent:
    return NewEvent(
        event_id=time_event_id(lead_id, at),
        lead_id=lead_id,
        type=SCORE_DECAYED,
        occurred_at=at,
        received_at=max(at, received_at),
        body_hash=SCORE_DECAYED,
        source=ENGINE_SOURCE,
    )
