"""Webhook deliveries as a kind of due work: an attempt is one signed POST, settled by its response."""

from __future__ import annotations

import logging
import time
from functools import partial

from structlog.contextvars import bound_contextvars

from domain.instant import SECOND, Millis
from engine.runtime import Runtime
from engine.webhooks.delivery import WEBHOOK, Delivery
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.failure import failure_reason
from engine.webhooks.schedule import ATTEMPTS, backoff, retry_after
from engine.webhooks.sender import Response
from engine.webhooks.signature import signed_headers
from engine.work.kind import WorkKind
from engine.work.outcome import Outcome
from engine.work.policy import Policy
from workflows.webhooks.endpoints import disable_endpoint

__all__ = ["PER_ENDPOINT", "deliver", "webhook_kind"]

_log = logging.getLogger(__name__)

_CONCURRENCY = 32
"""Messages under way in one process."""
PER_ENDPOINT = 4
"""Of these, to one endpoint, so that one that hangs does not hold up the others."""
_LEASE_IN_TIMEOUTS = 4
"""The lease is well beyond the longest attempt: a minute with the default timeout."""
_GONE = 410


def webhook_kind(runtime: Runtime) -> WorkKind[Delivery]:
    """The kind, with its lease from the settings."""
    policy = Policy(
        attempts=ATTEMPTS,
        backoff=backoff,
        lease=round(_LEASE_IN_TIMEOUTS * runtime.settings.webhook_timeout_seconds * SECOND),
        concurrency=_CONCURRENCY,
        per_key=PER_ENDPOINT,
    )
    return WorkKind(WEBHOOK, runtime.webhooks.deliveries, policy, partial(deliver, runtime))


async def deliver(runtime: Runtime, delivery: Delivery) -> Outcome:
    """Send a claimed delivery, unless its endpoint is gone or disabled.

    An endpoint is disabled when it answers 410, or when the last attempt of a message fails and no younger one was delivered.
    """
    endpoint = await runtime.webhooks.endpoints.find(delivery.endpoint_id)
    if endpoint is None:
        return Outcome(verdict="dead", detail="the endpoint is gone")
    if endpoint.state == "disabled":
        return Outcome(verdict="dead", detail="the endpoint is disabled")
    outcome = await _post(runtime, delivery, endpoint)
    if outcome.status_code == _GONE:
        await _disable(runtime, endpoint, "It answered 410 Gone.")
    elif outcome.verdict == "failed" and delivery.tries >= ATTEMPTS:
        await _give_up(runtime, delivery, endpoint, outcome.detail)
    return outcome


async def _post(runtime: Runtime, delivery: Delivery, endpoint: Endpoint) -> Outcome:
    at, began = runtime.now(), time.monotonic()
    headers = signed_headers(delivery.unit_id, delivery.body, at, endpoint.secrets)
    response: Response | None = None
    try:
        response = await runtime.webhooks.sender.post(endpoint.url, headers, delivery.body)
    except Exception as error:  # noqa: BLE001 - a send may fail in any way, and that is a failed attempt
        reason = failure_reason(error, runtime.settings.webhook_timeout_seconds)
    else:
        reason = "" if response.is_success else f"the endpoint answered {response.status}"
    duration_ms = round((time.monotonic() - began) * 1000)
    if response is None:
        return Outcome(verdict="failed", detail=reason, duration_ms=duration_ms)
    return Outcome(
        verdict="done" if response.is_success else "dead" if response.status == _GONE else "failed",
        detail=reason,
        not_before=_asked_for(response, runtime.now()),
        duration_ms=duration_ms,
        status_code=response.status,
        answer=response.text,
    )


def _asked_for(response: Response, at: Millis) -> Millis:
    """The moment before which the receiver wants no further attempt."""
    return at + retry_after(response.status, response.retry_after, at)


async def _give_up(runtime: Runtime, delivery: Delivery, endpoint: Endpoint, reason: str) -> None:
    """Disable the endpoint, unless it refuses only this message."""
    if not await runtime.webhooks.deliveries.any_delivered_since(endpoint.endpoint_id, delivery.created_at):
        await _disable(
            runtime, endpoint, f"All {ATTEMPTS} attempts to send {delivery.unit_id} failed: {reason}."
        )


async def _disable(runtime: Runtime, endpoint: Endpoint, reason: str) -> None:
    if await disable_endpoint(runtime, endpoint.endpoint_id, reason):
        with bound_contextvars(endpointId=endpoint.endpoint_id):
            _log.error("Webhook endpoint %s is disabled: %s", endpoint.endpoint_id, reason)
