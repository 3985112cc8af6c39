"""The consent of a lead to be written to: asked for, given or withdrawn, by the latest event about a channel."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from domain.events.event import Event

__all__ = ["CONSENT_GIVEN", "CONSENT_REQUESTED", "CONSENT_TYPES", "Consent", "consent_state"]

CONSENT_GIVEN = "consent.given"
CONSENT_WITHDRAWN = "consent.withdrawn"
CONSENT_REQUESTED = "consent.requested"
"""A form with double opt-in was sent: until the address is confirmed, nothing but the question goes out."""

CONSENT_TYPES = frozenset({CONSENT_GIVEN, CONSENT_WITHDRAWN, CONSENT_REQUESTED})

ConsentName = Literal["none", "requested", "given", "withdrawn"]

_NAMES: dict[str, ConsentName] = {
    CONSENT_GIVEN: "given",
    CONSENT_WITHDRAWN: "withdrawn",
    CONSENT_REQUESTED: "requested",
}


class Consent(Struct, frozen=True):
    """The consent at a moment, and the event that it stands on."""

    name: ConsentName = "none"
    event_id: str | None = None


def consent_state(stream: Iterable[Event], channel: str) -> Consent:
    """The consent after these events, oldest first. An event without a channel is about all of them."""
    found = Consent()
    for event in stream:
        if event.type in CONSENT_TYPES and event.properties.get("channel") in (None, "all", channel):
            found = Consent(_NAMES[event.type], event.event_id)
    return found
