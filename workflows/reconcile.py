"""Finds leads that stayed behind, because Redis lost a message or a worker died, and rings for them again."""

from __future__ import annotations

from engine.broker import LEADS
from engine.event_store import Span
from engine.runtime import Runtime
from workflows.dispatch import CHECKPOINT

__all__ = ["APPLIED", "reconcile"]

APPLIED = "applied"
"""The mark below which every event is applied or its lead is quarantined; nothing before it is looked at again."""

_PAGE = 10_000


async def reconcile(runtime: Runtime) -> int:
    """Ring for every dispatched lead that is behind. Returns how many.

    While messages still wait in the queue nobody counts as left behind.
    """
    dispatched = await runtime.checkpoints.position(CHECKPOINT)
    applied = await runtime.checkpoints.position(APPLIED)
    if applied >= dispatched or await runtime.doorbell.waiting_messages(LEADS):
        return 0
    late: set[str] = set()
    reached = applied
    while applied < dispatched:
        spans, applied = await runtime.events.leads_after(applied, _PAGE)
        behind = await _behind(
            runtime, {lead: span for lead, span in spans.items() if span.first <= dispatched}
        )
        if not late:
            reached = min(behind.values(), default=min(applied, dispatched))
        late |= behind.keys()
        if not spans:
            break
    await runtime.checkpoints.advance(APPLIED, reached)
    await runtime.doorbell.ring_leads(late)
    return len(late)


async def _behind(runtime: Runtime, spans: dict[str, Span]) -> dict[str, int]:
    """The leads that have not applied all of their span, with the position up to which they may have."""
    positions = await runtime.leads.positions(spans)
    failed = await runtime.dead_letters.states(spans)
    return {
        lead: max(span.first - 1, positions.get(lead, 0))
        for lead, span in spans.items()
        if positions.get(lead, 0) < span.last and failed.get(lead) != "quarantined"
    }
