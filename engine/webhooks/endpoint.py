"""A webhook endpoint: where messages are sent, and the events that it subscribes to."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.instant import Millis
from engine.webhooks.secret import Secret

__all__ = ["Endpoint", "EndpointState", "patterns_of"]

EndpointState = Literal["enabled", "disabled"]


class Endpoint(Struct, frozen=True, kw_only=True):
    """A receiver of webhooks. No event types means all of them; `reason` says why it is disabled."""

    endpoint_id: str
    url: str
    description: str
    event_types: tuple[str, ...]
    secrets: tuple[Secret, ...]
    state: EndpointState
    reason: str | None
    created_at: Millis


def patterns_of(event: str) -> list[str]:
    """Every pattern by which an endpoint may subscribe to an event: `lead.stage.changed`, `lead.stage.*`, `lead.*`."""
    parts = event.split(".")
    return [event, *(".".join([*parts[:length], "*"]) for length in range(len(parts) - 1, 0, -1))]
