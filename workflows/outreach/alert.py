"""The alert of a message that somebody must look at, since it is dead or in question: an event, a task and a webhook."""

from __future__ import annotations

from domain.events.event import Json
from domain.instant import DAY
from domain.outreach.vocabulary import MESSAGE_FAILED, MESSAGE_UNKNOWN
from engine.automations.task_store import TaskView
from engine.outreach.message import Message
from engine.runtime import Runtime
from engine.webhooks.delivery import WEBHOOK
from engine.webhooks.message import Message as WebhookMessage
from engine.webhooks.message import message_body
from workflows.outreach.events import append_message_event

__all__ = ["alert"]

_TITLES = {
    MESSAGE_FAILED: "A message could not be sent: see why, then retry or discard it",
    MESSAGE_UNKNOWN: "A message may or may not have gone out: find out and say which",
}
_RULE = "outreach"
"""What tasks name as their cause."""
_MAX_REASON = 300


async def alert(runtime: Runtime, message: Message, kind: str, reason: str) -> None:
    """Append the event, create the task and enqueue the webhook, once per hand-over however often it is repeated."""
    number, why = message.handed_over or len(message.attempts), reason[:_MAX_REASON]
    event = await append_message_event(runtime, message, kind, {"reason": why}, number=number)
    await _create_task(runtime, message, kind, event.event_id)
    data: dict[str, Json] = {
        "leadId": message.lead_id,
        "messageId": message.unit_id,
        "channel": message.channel,
        "reason": why,
        "attempts": number,
    }
    await _enqueue_webhook(runtime, message, kind, event.event_id, data)


async def _create_task(runtime: Runtime, message: Message, kind: str, key: str) -> None:
    at = runtime.now()
    task = TaskView(
        task_id=key,
        lead_id=message.lead_id,
        rule_id=_RULE,
        title=_TITLES[kind],
        priority="high",
        state="open",
        created_at=at,
        due_at=at + DAY,
    )
    await runtime.automations.tasks.create(task)


async def _enqueue_webhook(
    runtime: Runtime, message: Message, kind: str, key: str, data: dict[str, Json]
) -> None:
    endpoints = await runtime.webhooks.endpoints.listening_to(kind)
    if not endpoints:
        return
    at = runtime.now()
    body = message_body(kind, at, data)
    sent = WebhookMessage(key=key, event=kind, body=body, lead_id=message.lead_id)
    await runtime.webhooks.deliveries.add(sent, endpoints, at)
    await runtime.work.wake_ups.announce(WEBHOOK)
