"""Discarding of an event that cannot be folded (a tombstone), so that its lead goes on without it."""

from __future__ import annotations

from domain.errors import Conflict
from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.analytics.project import project_results
from workflows.audited import audited
from workflows.identity.index_names import index_stream_names
from workflows.operations.release_lead import letter_facts

__all__ = ["discard_event"]


async def discard_event(runtime: Runtime, actor: Actor, lead_id: str, event_id: str, reason: str) -> None:
    """Mark the event as discarded for good, and release its lead. Every later fold of the lead skips it.

    A lead that had applied the event already is rebuilt from its first event by a worker.

    Raises `NotFound` for a lead without a dead letter or an event of another lead, and `Conflict` unless the lead is
    quarantined because of this event. If the failing event is not known, any event of the lead is accepted.
    """

    async def discard(session: Session) -> tuple[str, AuditAction]:
        letter = await runtime.operations.dead_letters.get(lead_id, session)
        if letter.state != "quarantined":
            raise Conflict(
                f"Lead '{lead_id}' is being folded again; try again once it is quarantined, if it still fails."
            )
        if letter.event_id not in ("", event_id):
            raise Conflict(f"Lead '{lead_id}' is held up by event '{letter.event_id}', not by '{event_id}'.")
        stored = await runtime.capture.discards.stored(lead_id, event_id, session)
        if not await runtime.capture.discards.mark(
            stored.position, str(actor), reason, runtime.now(), session
        ):
            raise Conflict(f"Event '{event_id}' is discarded already.")
        await runtime.leads.states.invalidate(lead_id, stored.position, session)
        await runtime.rule_lab.shadow.forget_state(lead_id, session)
        await runtime.rule_lab.switch.forget(lead_id, session)
        await runtime.operations.dead_letters.release(lead_id, session)
        after: dict[str, Json] = {
            "eventId": event_id,
            "position": stored.position,
            "type": stored.type,
            "why": reason,
        }
        return stored.stream_id, AuditAction("dead_letter.discarded", lead_id, letter_facts(letter), after)

    stream = await audited(runtime, actor, discard)
    await index_stream_names(runtime, stream)
    await project_results(runtime, [stream])
    await runtime.work_queue.try_enqueue_leads([lead_id])
