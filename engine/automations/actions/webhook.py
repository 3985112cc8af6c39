"""The `webhook` action: stores one delivery per listening endpoint. Sending them is due work of its own."""

from __future__ import annotations

from domain.automations.actions import WebhookAction
from domain.events.vocabulary import WEBHOOK_REQUESTED
from domain.instant import Millis
from engine.automations.actions import Effect
from engine.automations.execution import Execution
from engine.webhooks.bundle import Webhooks
from engine.webhooks.delivery import WEBHOOK
from engine.webhooks.message import Message, message_body
from engine.work.wakeups import WorkWakeUps

__all__ = ["EnqueueWebhooks", "message_about"]


class EnqueueWebhooks:
    """Stores deliveries for the endpoints that listen to an event, and wakes the loop that sends them."""

    def __init__(self, webhooks: Webhooks, wake_ups: WorkWakeUps) -> None:
        self._webhooks = webhooks
        self._wake_ups = wake_ups

    async def perform(self, execution: Execution, at: Millis) -> Effect:
        event = WebhookAction.model_validate(execution.action).event
        endpoints = await self._webhooks.endpoints.listening_to(event)
        if endpoints:
            await self._webhooks.deliveries.add(message_about(execution, event), endpoints, at)
            await self._wake_ups.announce(WEBHOOK)
        return Effect(WEBHOOK_REQUESTED, {"event": event, "endpoints": len(endpoints)})


def message_about(execution: Execution, event: str) -> Message:
    """The message about a lead as it was when the automation fired. Raises `Invalid` if it is too large."""
    data = {
        **execution.facts,
        "ruleId": execution.rule_id,
        "executionId": execution.unit_id,
        "position": int(execution.cause_position),
    }
    return Message(
        key=execution.unit_id,
        event=event,
        body=message_body(event, execution.created_at, data),
        lead_id=execution.lead_id,
        execution_id=execution.unit_id,
    )
