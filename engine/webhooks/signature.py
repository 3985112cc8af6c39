"""The headers of Standard Webhooks 1.0.0: what a receiver verifies a message by."""

from __future__ import annotations

from collections.abc import Iterable

from standardwebhooks.webhooks import Webhook

from domain.instant import SECOND, Millis, to_datetime
from engine.webhooks.secret import Secret

__all__ = ["signed_headers"]


def signed_headers(webhook_id: str, body: bytes, at: Millis, secrets: Iterable[Secret]) -> dict[str, str]:
    """The id, the time of this attempt, and one signature for every secret that is valid then."""
    moment, text = to_datetime(at), body.decode()
    signatures = [Webhook(one.value).sign(webhook_id, moment, text) for one in secrets if one.is_valid(at)]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(at // SECOND),
        "webhook-signature": " ".join(signatures),
    }
