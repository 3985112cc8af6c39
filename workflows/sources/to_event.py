"""The native event of a message: its id in the space of its source, its time, and its checks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from domain.capture.captured import Captured
from domain.capture.formats import READERS, Format
from domain.capture.message_ids import MESSAGE_ID
from domain.capture.times import NotATime, moment_of
from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.events.identifiers import normalised_id
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.instant import Millis, from_datetime, to_datetime
from engine.runtime import Runtime
from engine.sources.source import Source
from workflows.capture.decode import check_event
from workflows.capture.decode_each import InvalidEvent
from workflows.capture.event_input import EventInput
from workflows.capture.page_events import checked_for_page

__all__ = ["SourceEvent", "message_id_of", "to_event"]

_MAX_ID = 200
_HASH_BYTES = 16


class SourceEvent(NamedTuple):
    """An event, and when it was sent by the clock of its sender, if the message says so."""

    event: EventInput
    sent_at: Millis | None


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
    event = check_event(
        {
            "identifiers": _identifiers(captured, region),
            "type": captured.type,
            "eventId": event_id,
            "occurredAt": occurred_at,
            "properties": captured.properties,
            "source": source.name,
        },
        runtime.rulebook.stages.ranks,
        region,
    )
    if source.origins:
        checked = checked_for_page(event, "")
        if isinstance(checked, InvalidEvent):
            raise Invalid("This message is no event.", checked.faults)
    return SourceEvent(event, _sent_at(captured))


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
