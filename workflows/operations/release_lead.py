"""Release of a quarantined lead, once the cause of its failure is fixed."""

from __future__ import annotations

from domain.events.event import Json
from engine.operations.audit_log import Actor, AuditAction
from engine.operations.dead_letters import DeadLetter
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["letter_facts", "release_lead"]


async def release_lead(runtime: Runtime, actor: Actor, lead_id: str) -> DeadLetter:
    """Fold the lead again from where it stopped, with all its attempts. Raises `NotFound` if it has no dead letter.

    If the cause is not fixed, it is quarantined again.
    """

    async def release(session: Session) -> tuple[DeadLetter, AuditAction]:
        before = await runtime.operations.dead_letters.get(lead_id, session)
        await runtime.operations.dead_letters.release(lead_id, session)
        after = await runtime.operations.dead_letters.get(lead_id, session)
        return after, AuditAction("dead_letter.retried", lead_id, letter_facts(before), letter_facts(after))

    letter = await audited(runtime, actor, release)
    await runtime.work_queue.try_enqueue_leads([lead_id])
    return letter


def letter_facts(letter: DeadLetter) -> dict[str, Json]:
    """What the audit log shows of a dead letter."""
    return {
        "state": letter.state,
        "attempts": letter.attempts,
        "eventId": letter.event_id,
        "position": letter.position,
        "reason": letter.reason,
    }
