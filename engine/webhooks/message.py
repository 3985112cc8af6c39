"""A webhook message: the bytes that are signed, made once and sent unchanged at every attempt."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from domain.errors import Invalid
from domain.events.event import Json
from domain.events.vocabulary import WEBHOOK_TEST
from domain.instant import Millis, to_datetime

__all__ = ["MAX_BYTES", "TEST_EVENT", "Message", "message_body", "test_message"]

MAX_BYTES = 20_000
"""A body must be smaller than this."""

TEST_EVENT = WEBHOOK_TEST


class Message(Struct, frozen=True, kw_only=True):
    """One message to any number of endpoints. `key` is its idempotency key: the same for the same message."""

    key: str
    event: str
    body: bytes
    lead_id: str | None = None
    execution_id: str | None = None


def test_message(key: str, at: Millis) -> Message:
    """A message by which a receiver can be tried out."""
    return Message(key=key, event=TEST_EVENT, body=message_body(TEST_EVENT, at, {"test": True}))


def message_body(event: str, at: Millis, data: Mapping[str, Json]) -> bytes:
    """The JSON body of a message. Raises `Invalid` if it is too large."""
    body = msgspec.json.encode({"type": event, "timestamp": to_datetime(at), "data": data})
    if len(body) >= MAX_BYTES:
        raise Invalid(f"The message has {len(body)} bytes and must have less than {MAX_BYTES}.")
    return body
