"""Sends one webhook: one signed attempt, and what follows from its end."""

from __future__ import annotations

import logging
import random
import time

from structlog.contextvars import bound_contextvars

from domain.instant import Millis
from engine.runtime import Runtime
from engine.webhooks.delivery import Delivery, Ending
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.failure import failure_reason
from engine.webhooks.schedule import ATTEMPTS, backoff_seconds, retry_after
from engine.webhooks.sender import Answer
from engine.webhooks.signature import signed_headers
from workflows.webhooks.endpoints import disable_endpoint

__all__ = ["send_delivery"]

_log = logging.getLogger(__name__)

_GONE = 410


async def send_delivery(runtime: Runtime, delivery: Delivery) -> None:
    """Attempt a claimed delivery: it is delivered, due again after a pause, or dead.

    A receiver that answers 410, or that took nothing since a message was first sent whose last attempt has now
    failed, is disabled.
    """
    endpoint = await runtime.webhooks.endpoints.find(delivery.endpoint_id)
    if endpoint is None or endpoint.state == "disabled":
        await _finish_dead(
            runtime, delivery, "the endpoint is disabled" if endpoint else "the endpoint is gone"
        )
    elif delivery.tries > ATTEMPTS:
        await _finish_dead(runtime, delivery, "every attempt ended without a result")
    else:
        await _attempt(runtime, delivery, endpoint)


async def _attempt(runtime: Runtime, delivery: Delivery, endpoint: Endpoint) -> None:
    at, began = runtime.now(), time.monotonic()
    headers = signed_headers(delivery.delivery_id, delivery.body, at, endpoint.secrets)
    answer: Answer | None = None
    try:
        answer = await runtime.webhooks.sender.post(endpoint.url, headers, delivery.body)
    except Exception as error:  # noqa: BLE001 - a send may fail in any way, and that is a failed attempt
        reason = failure_reason(error, runtime.settings.webhook_timeout_seconds)
    else:
        reason = "" if answer.is_success else f"the endpoint answered {answer.status}"
    ending = Ending(
        outcome="failed" if reason else "delivered",
        status_code=answer.status if answer else None,
        duration_ms=round((time.monotonic() - began) * 1000),
        detail=reason,
        answer=answer.text if answer else "",
    )
    if not reason:
        await runtime.webhooks.deliveries.finish(delivery, "delivered", ending)
    elif answer is not None and answer.status == _GONE:
        await runtime.webhooks.deliveries.finish(delivery, "dead", ending)
        await _disable(runtime, endpoint, "It answered 410 Gone.")
    elif delivery.tries >= ATTEMPTS:
        await runtime.webhooks.deliveries.finish(delivery, "dead", ending)
        await _give_up(runtime, delivery, endpoint, reason)
    else:
        due_at = runtime.now() + _pause(delivery, answer, runtime.now())
        await runtime.webhooks.deliveries.finish(delivery, "failed", ending, due_at)


def _pause(delivery: Delivery, answer: Answer | None, at: Millis) -> Millis:
    asked = retry_after(answer.status, answer.retry_after, at) if answer else 0
    return max(backoff_seconds(delivery.tries, random.random()), asked)


async def _give_up(runtime: Runtime, delivery: Delivery, endpoint: Endpoint, reason: str) -> None:
    """Disable the endpoint, unless it is only this message that it does not take."""
    context = {
        "deliveryId": delivery.delivery_id,
        "endpointId": endpoint.endpoint_id,
        "leadId": delivery.lead_id,
        "executionId": delivery.execution_id,
    }
    with bound_contextvars(**context):
        _log.error("Webhook %s is dead after %d attempts: %s", delivery.delivery_id, delivery.tries, reason)
    if not await runtime.webhooks.deliveries.any_delivered_since(endpoint.endpoint_id, delivery.created_at):
        await _disable(
            runtime, endpoint, f"All {ATTEMPTS} attempts to send {delivery.delivery_id} failed: {reason}."
        )


async def _disable(runtime: Runtime, endpoint: Endpoint, reason: str) -> None:
    if await disable_endpoint(runtime, endpoint.endpoint_id, reason):
        with bound_contextvars(endpointId=endpoint.endpoint_id):
            _log.error("Webhook endpoint %s is disabled: %s", endpoint.endpoint_id, reason)


async def _finish_dead(runtime: Runtime, delivery: Delivery, reason: str) -> None:
    ending = Ending(outcome="failed", detail=reason)
    await runtime.webhooks.deliveries.finish(delivery, "dead", ending)
