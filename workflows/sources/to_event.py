"""The native event of a message: its id in the space of its source, its time, and its checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from domain.capture.captured import Captured
from domain.capture.formats import READERS, Format
from domain.capture.message_ids import MESSAGE_ID
from domain.capture.times import NotATime, moment_of
from domain.errors import Fault, Invalid
from domain.events.event import ENGINE_SOURCE, Json
from domain.events.identifiers import is_plain, normalised_id
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.instant import Millis, from_datetime, to_datetime
from engine.runtime import Runtime
from engine.sources.source import Source
from workflows.capture.bookkeeping import CHECKED_TYPES
from workflows.capture.decode import check_event
from workflows.capture.decode_each import InvalidEvent
from workflows.capture.event_input import EventInput
from workflows.capture.faults import MAX_PROPERTY_BYTES
from workflows.capture.page_events import checked_for_page
from workflows.capture.property_faults import property_faults

__all__ = ["SourceEvent", "message_id_of", "to_event"]

_MAX_ID, _MAX_TYPE = 200, 100
_FIRST_YEAR = 1970
_HASH_BYTES = 16


class SourceEvent(NamedTuple):
    """An event, when it was sent by the clock of its sender, and a former id of the person, if the message says so."""

    event: EventInput
    sent_at: Millis | None
    former_id: str = ""


def message_id_of(source: Source, wire_format: Format, message: Json) -> str:
    """The event id of a message: its own id in a space of the source; empty for a message without an id.

    An id that is too long, or could not be stored, is hashed.
    """
    given = MESSAGE_ID[wire_format](message) if isinstance(message, Mapping) else ""
    if not given:
        return ""
    event_id = f"{source.source_id}:{normalised_id(given)}"
    if len(event_id) <= _MAX_ID and event_id.isprintable():
        return event_id
    digest = blake2b(given.encode(errors="surrogatepass"), digest_size=_HASH_BYTES).hexdigest()
    return f"{source.source_id}:~{digest}"


def to_event(
    runtime: Runtime,
    source: Source,
    wire_format: Format,
    message: Json,
    event_id: str,
    *,
    received_at: Millis | None = None,
) -> SourceEvent:
    """The event of a message. One that says no time occurred when it was received, by default now.

    Raises `Invalid` with every fault.
    """
    if not isinstance(message, dict):
        raise Invalid("This message is no event.", (Fault("", "must be an object"),))
    captured = READERS[wire_format](message, source.mapping)
    occurred_at = _moment(captured.occurred_at)
    if occurred_at is None and received_at is not None:
        occurred_at = to_datetime(received_at)
    region = runtime.identity.phone_region
    event = EventInput(
        identifiers=_identifiers(captured, region),
        type=captured.type,
        event_id=event_id,
        occurred_at=occurred_at,
        properties=captured.properties,
        source=source.name,
    )
    if not _is_sound(event):
        event = check_event(_as_sent(event), runtime.rulebook.stages.ranks, region)
    if source.origins:
        checked = checked_for_page(event, "")
        if isinstance(checked, InvalidEvent):
            raise Invalid("This message is no event.", checked.faults)
    return SourceEvent(event, _sent_at(captured), captured.former_id)


def _is_sound(event: EventInput) -> bool:
    """A pre-check at a third of the cost of `check_event`: True means that there is no fault.

    The id and the identifiers are sound by their making.
    """
    properties, at = event.properties or {}, event.occurred_at
    return (
        is_plain(f"{event.type}{event.source}{event.event_id}")
        and 0 < len(event.type) <= _MAX_TYPE
        and event.type not in CHECKED_TYPES
        and event.source != ENGINE_SOURCE
        and (at is None or at.year > _FIRST_YEAR)
        and len(msgspec.json.encode(properties)) <= MAX_PROPERTY_BYTES
        and next(property_faults(properties, ""), None) is None
    )


def _as_sent(event: EventInput) -> dict[str, object]:
    """The event as a sender of native events writes it."""
    return {
        "identifiers": event.identifiers,
        "type": event.type,
        "eventId": event.event_id,
        "occurredAt": event.occurred_at,
        "properties": event.properties,
        "source": event.source,
    }


def _identifiers(captured: Captured, region: str) -> dict[str, str]:
    """Those that identify somebody: a telephone number that cannot be read is no reason to reject the rest.

    Raises `Invalid` if there is none.
    """
    usable: dict[str, str] = {}
    faults: list[Fault] = []
    for kind, text in captured.identifiers.items():
        try:
            normalised(kind, text, region)
        except NotAnIdentifier as error:
            faults.append(Fault(f"/{kind}", str(error)))
        else:
            usable[kind] = text
    if not usable:
        nobody = Fault(
            "", "has neither a userId nor an anonymousId, nor anything else that identifies a person"
        )
        raise Invalid("This message is no event.", tuple(faults) or (nobody,))
    return usable


def _moment(value: Json) -> datetime | None:
    try:
        return moment_of(value)
    except NotATime as error:
        raise Invalid("This message is no event.", (Fault("/timestamp", str(error)),)) from None


def _sent_at(captured: Captured) -> Millis | None:
    """A time that cannot be read corrects no clock."""
    try:
        at = moment_of(captured.sent_at)
    except NotATime:
        return None
    return None if at is None else from_datetime(at)
