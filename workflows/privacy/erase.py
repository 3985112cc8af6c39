"""Erases what says who a person is: destroys the key of the lead, and empties what is kept of it in the open."""

from __future__ import annotations

from msgspec import Struct

from domain.errors import NotFound
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["Erasure", "erase_personal_data", "require_lead"]

_LAST = 2**63 - 1


class Erasure(Struct, frozen=True, rename="camel"):
    """What was erased: keys, 0 or 1; events whose personal fields nobody can open any more; texts of webhook answers."""

    lead_id: str
    keys: int
    events: int
    webhook_answers: int


async def erase_personal_data(runtime: Runtime, who: Actor, lead_id: str) -> Erasure:
    """Make the lead's personal data unreadable for good, and write down who did it. Doing so again erases nothing more.

    The key and the entry in the audit log are one transaction. Answers are emptied after it, some at a time: if that
    fails, doing it again goes on where it ended. Positions, scores and totals stay: a replay reads the very same bytes. What the lead sends from now on is sealed
    under a new key. Raises `NotFound` for a lead of which nothing is stored.
    """
    await require_lead(runtime, lead_id)

    deliveries = runtime.webhooks.deliveries
    answered = await deliveries.has_answers(lead_id)

    async def erase(session: Session) -> tuple[str, AuditAction | None]:
        record = await runtime.privacy.keys.record(lead_id, session)
        await runtime.privacy.keys.destroy(lead_id, session)
        key_id = record.key_id if record else ""
        deed = AuditAction(
            "personal_data.erased",
            lead_id,
            before={"key": key_id or None, "webhookAnswers": answered},
            after={"key": None, "webhookAnswers": False},
        )
        return key_id, deed if key_id or answered else None

    key_id = await audited(runtime, who, erase)
    answers = await deliveries.forget_answers(lead_id)
    return Erasure(
        lead_id=lead_id,
        keys=1 if key_id else 0,
        events=await runtime.capture.events.count_sealed(lead_id, key_id) if key_id else 0,
        webhook_answers=answers,
    )


async def require_lead(runtime: Runtime, lead_id: str) -> int:
    """The position of the lead's newest event. Raises `NotFound`."""
    position = await runtime.capture.events.last_of_lead(lead_id, _LAST)
    if not position:
        raise NotFound("lead", lead_id)
    return position
