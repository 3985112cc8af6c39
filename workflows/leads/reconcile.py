"""Finds leads that stayed behind, because Redis lost a message or a worker died, and rings for them again."""

from __future__ import annotations

from collections.abc import Sequence

from engine.capture.event_store import Span
from engine.operations.dead_letters import DeadLetter
from engine.queue.broker import LEADS
from engine.runtime import Runtime
from workflows.leads.dispatch import CHECKPOINT

__all__ = ["APPLIED", "reconcile"]

APPLIED = "applied"
"""The mark below which every event is applied or its lead is quarantined; nothing before it is looked at again."""

_PAGE = 10_000
_ANY_POSITION = 2**63 - 1


async def reconcile(runtime: Runtime) -> int:
    """Ring for every dispatched lead that is behind. Returns how many.

    While messages still wait in the queue nobody counts as left behind.
    """
    dispatched = await runtime.store.checkpoints.position(CHECKPOINT)
    applied = await runtime.store.checkpoints.position(APPLIED)
    released = await runtime.operations.dead_letters.retrying(_PAGE)
    if not (released or applied < dispatched) or await runtime.work_queue.waiting_messages(LEADS):
        return 0
    late: set[str] = set()
    reached = applied
    while applied < dispatched:
        spans, applied = await runtime.capture.events.leads_after(applied, _PAGE)
        behind = await _behind(
            runtime, {lead: span for lead, span in spans.items() if span.first <= dispatched}
        )
        if not late:  # never past what was looked at, though a lead may be applied further than that
            reached = min(*behind.values(), applied, dispatched)
        late |= behind.keys()
        if not spans:
            break
    await runtime.store.checkpoints.advance(APPLIED, reached)
    late |= await _not_settled(runtime, released)
    await runtime.work_queue.enqueue_leads(late)
    return len(late)


async def _not_settled(runtime: Runtime, letters: Sequence[DeadLetter]) -> set[str]:
    """Of the leads that are to be folded again, those that have something to fold; the others are forgotten.

    The mark has passed a quarantined lead, so one that was released is not found by it.
    """
    left = set()
    for letter in letters:
        lead = await runtime.leads.states.summary(letter.lead_id)
        last = await runtime.capture.events.last_of_lead(letter.lead_id, _ANY_POSITION)
        if lead is None or lead.position < last or lead.rulebook != runtime.rulebook.label:
            left.add(letter.lead_id)
    await runtime.operations.dead_letters.drop_if_idle({letter.lead_id for letter in letters} - left)
    return left


async def _behind(runtime: Runtime, spans: dict[str, Span]) -> dict[str, int]:
    """The leads that have not applied all of their span, with the position up to which they may have."""
    positions = await runtime.leads.states.positions(spans)
    failed = await runtime.operations.dead_letters.states(spans)
    return {
        lead: max(span.first - 1, positions.get(lead, 0))
        for lead, span in spans.items()
        if positions.get(lead, 0) < span.last and failed.get(lead) != "quarantined"
    }
