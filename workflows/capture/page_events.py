"""Events that web pages send: their key is public, so their ids are a space of their own and answers tell nothing stored.

Everybody can read the key of a page. With the ids of other senders it could occupy the id of an order before the server
sends it, and by the answers `duplicate` and `conflict` it could find out what is stored under an id (ADR 40).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.events.identifiers import normalised_id
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

__all__ = ["PageResult", "ingest_from_page"]


class PageResult(Struct, frozen=True, rename="camel"):
    """The outcome of one event. Of a `duplicate` the id was sent before, with this content or another.

    An event of a lead that was erased and blocked is a `duplicate` too: nobody learns from a page who was erased.
    """

    event_id: str
    lead_id: str
    status: Literal["accepted", "duplicate"]


async def ingest_from_page(runtime: Runtime, key_id: str, events: Sequence[EventInput]) -> list[PageResult]:
    """Store events that a page sent with this key, as `ingest` does. Results name the ids that were sent."""
    results = await ingest(runtime, [_in_space(event, key_id) for event in events])
    return [
        PageResult(
            sent.event_id or result.event_id,
            result.lead_id,
            "accepted" if result.status == "accepted" else "duplicate",
        )
        for sent, result in zip(events, results, strict=True)
    ]


def _in_space(event: EventInput, key_id: str) -> EventInput:
    if event.event_id is None:
        return event
    return replace(event, event_id=f"web:{key_id}:{normalised_id(event.event_id)}")
