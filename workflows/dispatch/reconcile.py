"""Reconciliation: finds leads that stayed behind, because Redis lost a message or a worker died, and enqueues them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.events.applied_positions import NOTHING_APPLIED
from domain.events.log_cursor import LogCursor
from engine.capture.log.event_log import Span
from engine.capture.log.subscription import Subscription
from engine.operations.dead_letters import DeadLetter
from engine.queue.broker import LEADS
from engine.runtime import Runtime
from workflows.dispatch.dispatch import CHECKPOINT

__all__ = ["APPLIED", "reconcile"]

APPLIED = "applied"
"""The checkpoint up to which every event is applied or its lead is quarantined; nothing before it is read again."""

_PAGE = 10_000
"""Events, or dead letters, that are read together."""


async def reconcile(runtime: Runtime) -> int:
    """Enqueue every dispatched lead that is behind. Returns how many.

    Does nothing while messages still wait in the queue: their leads are not left behind.
    """
    partitions = runtime.capture.log.partitions
    dispatched = await runtime.store.checkpoints.cursor(CHECKPOINT, partitions)
    applied = await runtime.store.checkpoints.cursor(APPLIED, partitions)
    released = await runtime.operations.dead_letters.retrying(_PAGE)
    if (applied == dispatched and not released) or await runtime.work_queue.waiting_messages(LEADS):
        return 0
    behind = await _advance(runtime, applied, dispatched)
    behind |= await _unfinished(runtime, released)
    await runtime.work_queue.enqueue_leads(behind)
    return len(behind)


async def _advance(runtime: Runtime, applied: LogCursor, dispatched: LogCursor) -> set[str]:
    """Move each partition of the checkpoint up to its first event that is not applied; returns the leads that are behind."""
    subscription = Subscription(runtime.capture.log)
    behind: set[str] = set()
    places: list[int] = []
    read = applied
    while read != dispatched:
        spans, read = await subscription.leads_after(read, _PAGE, up_to=dispatched)
        if not spans:
            break
        unapplied = await _unapplied(runtime, spans)
        places += unapplied.values()
        behind |= unapplied.keys()
    await runtime.store.checkpoints.advance(APPLIED, read.held_back(places))
    return behind


async def _unapplied(runtime: Runtime, spans: Mapping[str, Span]) -> dict[str, int]:
    """The leads that have not applied all of their span, each with the place behind which events are left."""
    membership = await runtime.identity.streams.membership(spans)
    positions = await runtime.leads.states.positions(membership.leads(spans))
    letters = await runtime.operations.dead_letters.states(membership.leads(spans))
    return {
        stream_id: left
        for stream_id, span in spans.items()
        if letters.get(lead_id := membership.lead_of.get(stream_id, stream_id)) != "quarantined"
        and (left := span.unapplied_after(positions.get(lead_id, NOTHING_APPLIED))) is not None
    }


async def _unfinished(runtime: Runtime, letters: Sequence[DeadLetter]) -> set[str]:
    """Of the leads with a dead letter that is retried, those with something to fold; other letters are dropped.

    The checkpoint has passed a quarantined lead, so one that was released is not found by it.
    """
    unfinished = set()
    leads = await runtime.leads.states.get_encoded(letter.lead_id for letter in letters)
    for letter in letters:
        lead = leads.get(letter.lead_id)
        applied = NOTHING_APPLIED if lead is None else lead.applied
        if (
            lead is None
            or not lead.is_current(runtime.rulebook.label)
            or await runtime.capture.events.after({letter.lead_id: applied}, 1)
        ):
            unfinished.add(letter.lead_id)
    await runtime.operations.dead_letters.drop_if_idle({letter.lead_id for letter in letters} - unfinished)
    return unfinished
