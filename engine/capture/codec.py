"""The codec of stored events: `encode` to BSON before the position is known, `decode` from a document."""

from __future__ import annotations

from struct import Struct
from typing import Any, NamedTuple

import bson
from bson.errors import BSONError, InvalidDocument
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from msgspec.structs import replace
from pymongo.errors import DocumentTooLarge

from domain.errors import Invalid
from domain.events.event import SCHEMA_VERSION, Event, NewEvent, upcast
from domain.instant import Millis
from engine.capture.escaped_names import escaped, unescaped
from engine.capture.tombstone import buried, tombstone_of
from engine.process.clock import from_bson, to_bson
from engine.store.mongo import Document

__all__ = [
    "DATA_FAULTS",
    "EncodedEvent",
    "UndecodableEvent",
    "at_position",
    "cannot_be_stored",
    "decode",
    "decode_unmarked",
    "encode",
    "to_document",
]

DATA_FAULTS = (DocumentTooLarge, BSONError, OverflowError, TypeError, ValueError)
"""Errors that only the events themselves can cause; every other one may pass when the append is repeated."""

_POSITION_AT = 4 + len(b"\x10_id\0")
"""Offset of the four bytes of a position: after the document's length, and the type and name of its first field."""
_FOUR_BYTES = Struct("<i")
_PARTITIONED = Struct("<i5sq3si")
"""The beginning of a document with a position of eight bytes and its partition: length, `_id`, `p`."""
_GROWTH = _PARTITIONED.size - _POSITION_AT - _FOUR_BYTES.size
_MAX_IN_FOUR_BYTES = 2**31 - 1


class UndecodableEvent(Invalid):
    """A stored document is not an event that this program understands."""

    def __init__(self, document: Document, reason: str) -> None:
        super().__init__(f"event {document.get('eventId')} at position {document['_id']}: {reason}")
        self.lead_id = str(document.get("leadId"))
        self.position = int(document["_id"])
        self.event_id = str(document.get("eventId"))
        self.reason = reason


class EncodedEvent(NamedTuple):
    """An event as it will be stored, in two pieces: its position belongs between them."""

    event: NewEvent
    head: bytes
    tail: bytes


def encode(event: NewEvent) -> EncodedEvent:
    """The event as it will be stored, except for its position, which is known only when its batch is written.

    Raises one of `DATA_FAULTS` for what MongoDB cannot hold.
    """
    encoded = _encoded(event, 0)
    return EncodedEvent(event, encoded[:_POSITION_AT], encoded[_POSITION_AT + _FOUR_BYTES.size :])


def cannot_be_stored(error: Exception) -> Invalid:
    """The refusal of events that caused one of `DATA_FAULTS`."""
    return Invalid(f"These events cannot be stored: {error}")


def at_position(encoded: EncodedEvent, position: int, partition: int | None = None) -> RawBSONDocument:
    """The whole document of an encoded event at its position, with its partition if the log has several."""
    event, head, tail = encoded
    if partition is not None:
        length = len(head) + _FOUR_BYTES.size + len(tail) + _GROWTH
        return RawBSONDocument(
            _PARTITIONED.pack(length, b"\x12_id\0", position, b"\x10p\0", partition) + tail
        )
    if position > _MAX_IN_FOUR_BYTES:
        return RawBSONDocument(_encoded(event, position))
    return RawBSONDocument(head + _FOUR_BYTES.pack(position) + tail)


def _encoded(event: NewEvent, position: int) -> bytes:
    document = to_document(event, position)
    try:
        return bson.encode(document, check_keys=True)
    except InvalidDocument:  # hardly ever; raised again if it is not about the names
        return bson.encode(escaped(document))


def to_document(event: NewEvent, position: int) -> Document:
    """The fields of a stored event; the position comes first, because `at_position` replaces its bytes."""
    return {
        "_id": position,
        "eventId": event.event_id,
        "leadId": event.lead_id,
        "type": event.type,
        "occurredAt": to_bson(event.occurred_at),
        "receivedAt": to_bson(event.received_at),
        "source": event.source,
        "properties": event.properties,
        "bodyHash": event.body_hash,
        "schemaVersion": SCHEMA_VERSION,
    }


def decode(stored: Document, known_at: Millis | None = None, lead_id: str | None = None) -> Event:
    """The event in a stored document, or its tombstone if it was discarded or retracted. Raises `UndecodableEvent`.

    With `known_at`, only retractions that had been received by then count. `lead_id` is the lead that its stream belongs to.
    """
    if ("retraction" in stored or "discarded" in stored) and buried(stored, known_at):
        event = tombstone_of(stored)
        return event if lead_id is None else _of_lead(event, lead_id)
    try:
        doc = upcast(unescaped(stored))
        occurred_at, received_at = from_bson(doc["occurredAt"]), from_bson(doc["receivedAt"])  # type: ignore[arg-type]
        event = Event(
            position=int(doc["_id"]),  # type: ignore[call-overload]
            event_id=doc["eventId"],  # type: ignore[arg-type]
            lead_id=doc["leadId"],  # type: ignore[arg-type]
            type=doc["type"],  # type: ignore[arg-type]
            occurred_at=min(
                occurred_at, received_at
            ),  # earlier releases stored times of up to 5 minutes ahead
            received_at=received_at,
            source=doc["source"],  # type: ignore[arg-type]
            properties=_with_plain_integers(doc["properties"]),
        )
        return event if lead_id is None else _of_lead(event, lead_id)
    except (KeyError, TypeError, Invalid) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise UndecodableEvent(stored, reason) from error


def decode_unmarked(stored: Document) -> Event:
    """The event as it was stored, though it may be discarded or retracted since. Raises `UndecodableEvent`."""
    return decode({name: value for name, value in stored.items() if name not in ("discarded", "retraction")})


def _of_lead(event: Event, lead_id: str) -> Event:
    if event.lead_id == lead_id:
        return event
    return replace(event, lead_id=lead_id, stream=event.lead_id)


_SIMPLE = frozenset({str, int, float, bool, type(None)})


def _with_plain_integers(properties: object) -> Any:
    """The properties without PyMongo's class of integers, which JSON encoders and strict decoders refuse."""
    if type(properties) is dict and _SIMPLE.issuperset(map(type, properties.values())):
        return properties  # nearly always
    match properties:
        case dict():
            return {name: _with_plain_integers(value) for name, value in properties.items()}
        case list():
            return [_with_plain_integers(value) for value in properties]
        case Int64():
            return int(properties)
    return properties
