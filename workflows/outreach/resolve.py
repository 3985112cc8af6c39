"""Resolution of a message of which it is not known whether it went out: by a provider's report, or by a person."""

from __future__ import annotations

from typing import Literal

from domain.errors import Conflict
from domain.outreach.vocabulary import MESSAGE_SENT
from engine.operations.audit_log import Actor, AuditAction
from engine.outreach.message import MESSAGE, Message
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited
from workflows.outreach.events import append_message_event

__all__ = ["discard_message", "reported_as_sent", "resolve_message", "retry_message"]


async def resolve_message(
    runtime: Runtime, actor: Actor, message_id: str, found: Literal["sent", "not-sent"]
) -> Message:
    """Say what somebody has found out: `sent` ends the message, `not-sent` sends it now.

    Raises `NotFound`, `Conflict` when there is no question about the message.
    """
    message = await runtime.outreach.messages.get(message_id)
    at = runtime.now()
    if found == "sent":
        resolved = await runtime.outreach.messages.resolved_as_sent(message_id, message.unit_id, at)
    else:
        resolved = await runtime.outreach.messages.resolved_as_not_sent(message_id, at)
    if not resolved:
        raise Conflict("It is known what became of this message.")
    await _audit(runtime, actor, AuditAction("message.resolved", message_id, after={"found": found}))
    if found == "sent":
        await append_message_event(runtime, message, MESSAGE_SENT, {"by": actor.name})
    else:
        await runtime.work.wake_ups.announce(MESSAGE)
    return await runtime.outreach.messages.get(message_id)


async def reported_as_sent(runtime: Runtime, message: Message, provider_id: str) -> None:
    """A provider knows the message: if that was in question, it is answered. Repeating it changes nothing."""
    if await runtime.outreach.messages.resolved_as_sent(message.unit_id, provider_id, runtime.now()):
        await append_message_event(
            runtime, message, MESSAGE_SENT, {"providerId": provider_id, "by": "report"}
        )


async def retry_message(runtime: Runtime, actor: Actor, message_id: str) -> Message:
    """Try a message again that is dead or was withheld. Raises `NotFound`, `Conflict` for any other."""
    message = await runtime.outreach.messages.get(message_id)
    ended = message.state == "dead" or (message.withheld and message.provider_id is None)
    if not ended or not message.sealed:
        raise Conflict("Only a message that is dead or was withheld, and not erased, can be tried again.")
    message = await runtime.outreach.messages.restart(message_id, runtime.now())
    await _audit(runtime, actor, AuditAction("message.retried", message_id))
    await runtime.work.wake_ups.announce(MESSAGE)
    return message


async def discard_message(runtime: Runtime, actor: Actor, message_id: str, why: str) -> Message:
    """Give a message up that has not gone out. Raises `NotFound`, `Conflict` when it has, or is under way."""
    message = await runtime.outreach.messages.discard(message_id, why, runtime.now())
    await _audit(runtime, actor, AuditAction("message.discarded", message_id))
    return message


async def _audit(runtime: Runtime, actor: Actor, action: AuditAction) -> None:
    async def only(session: Session) -> tuple[None, AuditAction]:  # noqa: ARG001 - the entry is all there is
        return None, action

    await audited(runtime, actor, only)
