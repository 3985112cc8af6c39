"""A delivery: one message on its way to one endpoint, with every attempt."""

from __future__ import annotations

import hashlib
from typing import Literal

from msgspec import Struct

from domain.instant import Millis

__all__ = ["Attempt", "Delivery", "DeliveryState", "Ending", "delivery_id"]

DeliveryState = Literal["pending", "failed", "delivered", "dead"]
"""Not attempted to the end yet; failed and due again; done; given up."""


class Ending(Struct, frozen=True, kw_only=True):
    """How an attempt ended: with which status, after how long, why it failed, and what the receiver wrote."""

    outcome: Literal["delivered", "failed"]
    status_code: int | None = None
    duration_ms: int | None = None
    detail: str = ""
    answer: str = ""


class Attempt(Struct, frozen=True, kw_only=True):
    """One attempt; without an ending it is under way, or its worker was killed."""

    number: int
    at: Millis
    ending: Ending | None


class Delivery(Struct, frozen=True, kw_only=True):
    """A message for an endpoint. `delivery_id` is its `webhook-id`, `body` the bytes that are signed.

    `tries` counts the attempts since it was made or replayed.
    """

    delivery_id: str
    endpoint_id: str
    event: str
    lead_id: str | None
    execution_id: str | None
    body: bytes
    state: DeliveryState
    tries: int
    attempts: tuple[Attempt, ...]
    created_at: Millis
    due_at: Millis


def delivery_id(key: str, endpoint_id: str) -> str:
    """The same id for the same message and endpoint, wherever it is computed. It contains no dot."""
    return "msg_" + hashlib.blake2b(f"{key}\x1f{endpoint_id}".encode(), digest_size=16).hexdigest()
