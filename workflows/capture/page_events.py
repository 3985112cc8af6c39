"""Events that web pages send: their key is public, so their ids are a space of their own and answers tell nothing stored.

Everybody can read the key of a page. With the ids of other senders it could occupy the id of an order before the server
sends it, and by the answers `duplicate` and `conflict` it could find out what is stored under an id (ADR 40).
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.errors import Fault, Invalid
from domain.events.identifiers import PAGE_SPACE, normalised_id
from domain.events.vocabulary import LEAD_ASSIGNED
from domain.instant import DAY, Millis
from engine.runtime import Runtime
from workflows.capture.decode_each import InvalidEvent
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

__all__ = ["MAX_AGE", "PageResult", "checked_for_page", "ingest_from_page", "require_for_page"]

_PRIVATE_TYPES = frozenset({LEAD_ASSIGNED})
"""Owners decide who sees a lead, so an event with a public key must not change them."""
_MAX_FAULTS = 100
MAX_AGE: Millis = 7 * DAY
"""An older event of a page counts as of this long ago."""
_DETAIL = "is not taken from web pages, whose key everybody can read"


def checked_for_page(event: EventInput, pointer: str) -> EventInput | InvalidEvent:
    """The event, or why a page must not send it; `pointer` is its place in the batch."""
    if normalised_id(event.type) not in _PRIVATE_TYPES:
        return event
    return InvalidEvent(event.event_id, event.lead_id, (Fault(f"{pointer}/type", _DETAIL),))


def require_for_page(events: Sequence[EventInput], *, single: bool) -> None:
    """Raise `Invalid` if a page must not send one of the events."""
    checked = (checked_for_page(event, "" if single else f"/{number}") for number, event in enumerate(events))
    if faults := tuple(fault for one in checked if isinstance(one, InvalidEvent) for fault in one.faults):
        raise Invalid("Some events cannot be accepted; nothing was stored.", faults[:_MAX_FAULTS])


class PageResult(Struct, frozen=True, rename="camel", omit_defaults=True):
    """The outcome of one event. Of a `duplicate` the id was sent before, with this content or another.

    An event of a lead that was erased and blocked is a `duplicate` too: nobody learns from a page who was erased.
    """

    event_id: str
    status: Literal["accepted", "duplicate"]
    lead_id: str = ""
    """As sent; left out if the person was identified otherwise: nobody learns from a page whose an address is."""
    clamped: bool = False
    clock_ahead_ms: int = 0


async def ingest_from_page(
    runtime: Runtime, key_id: str, events: Sequence[EventInput], *, sent_at: Millis | None = None
) -> list[PageResult]:
    """Store events that a page sent with this key, as `ingest` does. Results name the ids that were sent.

    They count as at most seven days old, so that a stranger cannot make the engine fold long histories again.
    """
    oldest = runtime.now() - MAX_AGE
    spaced = [_in_space(event, key_id) for event in events]
    results = await ingest(runtime, spaced, sent_at=sent_at, oldest=oldest)
    return [
        PageResult(
            sent.event_id or result.event_id.removeprefix(f"{PAGE_SPACE}{key_id}:"),
            "accepted" if result.status == "accepted" else "duplicate",
            "" if sent.lead_id is None else result.lead_id,
            result.clamped,
            result.clock_ahead_ms,
        )
        for sent, result in zip(events, results, strict=True)
    ]


def _in_space(event: EventInput, key_id: str) -> EventInput:
    """The event with its id, or a random one, in the space of the key, by which its sender is known from then on."""
    own = uuid.uuid4().hex if event.event_id is None else normalised_id(event.event_id)
    return replace(event, event_id=f"{PAGE_SPACE}{key_id}:{own}")
