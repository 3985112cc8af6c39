"""What an endpoint is told: the bytes that are signed, made once and sent unchanged at every attempt."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from msgspec import Struct

from domain.errors import Invalid
from domain.events.event import Json
from domain.events.vocabulary import WEBHOOK_TEST
from domain.instant import Millis, to_datetime
from engine.automations.execution_store import Execution

__all__ = ["MAX_BYTES", "Message", "message_about", "test_message"]

MAX_BYTES = 20_000
"""A body must be smaller than this."""


class Message(Struct, frozen=True, kw_only=True):
    """One thing to tell, to however many endpoints. `key` is the same for the same thing."""

    key: str
    event: str
    body: bytes
    lead_id: str | None = None
    execution_id: str | None = None


def message_about(execution: Execution, event: str) -> Message:
    """What an automation tells of the lead as it was when the automation fired. Raises `Invalid` if too large."""
    data = {
        **execution.facts,
        "ruleId": execution.rule_id,
        "executionId": execution.execution_id,
        "position": int(execution.cause_position),
    }
    return Message(
        key=execution.execution_id,
        event=event,
        body=_body(event, execution.created_at, data),
        lead_id=execution.lead_id,
        execution_id=execution.execution_id,
    )


def test_message(key: str, at: Millis) -> Message:
    """A message that means nothing but "this works"."""
    return Message(key=key, event=WEBHOOK_TEST, body=_body(WEBHOOK_TEST, at, {"test": True}))


def _body(event: str, at: Millis, data: Mapping[str, Json]) -> bytes:
    body = msgspec.json.encode({"type": event, "timestamp": to_datetime(at), "data": data})
    if len(body) >= MAX_BYTES:
        raise Invalid(f"The message has {len(body)} bytes and must have less than {MAX_BYTES}.")
    return body
