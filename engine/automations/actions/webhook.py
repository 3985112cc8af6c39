"""Tells webhook endpoints about the lead. What is performed here is writing deliveries; sending them comes after."""

from __future__ import annotations

import logging

from domain.automations.actions import WebhookAction
from domain.errors import Unavailable
from domain.events.vocabulary import WEBHOOK_REQUESTED
from domain.instant import Millis
from engine.automations.actions import Outcome
from engine.automations.execution_store import Execution
from engine.queue.work_queue import WorkQueue
from engine.webhooks.bundle import Webhooks
from engine.webhooks.message import message_about

__all__ = ["EnqueueWebhooks"]

_log = logging.getLogger(__name__)


class EnqueueWebhooks:
    """Writes one delivery for each endpoint that listens to the event, and rings for them."""

    def __init__(self, webhooks: Webhooks, work_queue: WorkQueue) -> None:
        self._webhooks = webhooks
        self._doorbell = work_queue

    async def perform(self, execution: Execution, at: Millis) -> Outcome:
        event = WebhookAction.model_validate(execution.action).event
        endpoints = await self._webhooks.endpoints.listening_to(event)
        if endpoints:
            await self._webhooks.deliveries.add(message_about(execution, event), endpoints, at)
            await self._ring()
        return Outcome(WEBHOOK_REQUESTED, {"event": event, "endpoints": len(endpoints)})

    async def _ring(self) -> None:
        try:
            await self._doorbell.enqueue_deliveries()
        except Unavailable as error:
            _log.warning("Webhooks wait for the scheduler: %s", error)
