"""What a sender may say: strict decoding of events, with a pointer to every fault."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from domain.errors import Fault, Invalid
from domain.event import ENGINE_SOURCE, Json, NewEvent
from domain.instant import MINUTE, Millis, from_datetime

__all__ = ["MOST_EVENTS", "EventInput", "check_event", "decode_events", "to_new_event"]

MOST_EVENTS = 1000
"""Events in one request."""
MOST_PROPERTY_BYTES = 32 * 1024
"""Size of the properties of one event, as JSON."""
MOST_DEPTH = 16
"""Levels of nesting in properties."""
MOST_FUTURE: Millis = 5 * MINUTE
"""How far a sender's clock may be ahead; later times are brought back to this."""

RESERVED_IDS = ("decay:", "execution:")
_VISIBLE = re.compile(r"^(?=.*\S)[^\x00-\x1f\x7f]*$")
_INT64 = range(-(2**63), 2**63)

Identity = Annotated[str, Meta(min_length=1, max_length=200)]


class EventInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One event as sent. Times are RFC 3339 with an offset; without one it happened on arrival."""

    lead_id: Identity
    type: Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*$")]
    event_id: Identity | None = None
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None
    properties: dict[str, Any] = {}
    source: Annotated[str, Meta(max_length=100)] = ""


_Body = EventInput | list[EventInput]
_decoder = msgspec.json.Decoder(_Body)
_HINTS = get_type_hints(EventInput, include_extras=True)
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(EventInput)}


def decode_events(raw: bytes) -> tuple[list[EventInput], bool]:
    """The events of a JSON body, and whether it was a single one. Raises `Invalid` with every fault."""
    try:
        body = _decoder.decode(raw)
    except msgspec.ValidationError:
        raise Invalid("Some fields are wrong; nothing was stored.", _all_faults(raw)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        detail = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise Invalid("The body is not JSON.", (Fault("", detail),)) from error
    single = isinstance(body, EventInput)
    events = [body] if isinstance(body, EventInput) else body
    if not 1 <= len(events) <= MOST_EVENTS:
        raise Invalid(
            "The number of events is wrong; nothing was stored.",
            (Fault("", f"send 1 to {MOST_EVENTS} events, not {len(events)}"),),
        )
    measure = len(raw) > MOST_PROPERTY_BYTES
    faults: list[Fault] = []
    for index, event in enumerate(events):
        faults += _meaning_faults(event, "" if single else f"/{index}", measure=measure)
    if faults:
        raise Invalid("Some fields are wrong; nothing was stored.", tuple(faults))
    return events, single


def check_event(item: object) -> EventInput:
    """One event from plain Python values. Raises `Invalid` with every fault."""
    faults = _shape_faults(item, "")
    if not faults:
        event = msgspec.convert(item, EventInput)
        faults = _meaning_faults(event, "", measure=True)
        if not faults:
            return event
    raise Invalid("Some fields are wrong.", tuple(faults))


def to_new_event(event: EventInput, event_id: str, received_at: Millis) -> NewEvent:
    """The event as it is stored, its time no more than five minutes ahead of its arrival."""
    said = event.occurred_at
    occurred_at = received_at if said is None else min(from_datetime(said), received_at + MOST_FUTURE)
    return NewEvent(
        event_id=event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=occurred_at,
        received_at=received_at,
        body_hash=_body_hash(event),
        source=event.source,
        properties=event.properties,
    )


def _body_hash(event: EventInput) -> str:
    """Equal for two deliveries that say the same, whatever the order of keys or the offset of the time."""
    said = None if event.occurred_at is None else from_datetime(event.occurred_at)
    content = (event.lead_id, event.type, said, event.source, event.properties)
    return hashlib.blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()


def _all_faults(raw: bytes) -> tuple[Fault, ...]:
    """Every fault of shape in the body; the strict decoder stops at the first one."""
    body = msgspec.json.decode(raw)
    if not isinstance(body, list):
        return tuple(_shape_faults(body, ""))
    return tuple(fault for index, item in enumerate(body) for fault in _shape_faults(item, f"/{index}"))


def _shape_faults(item: object, pointer: str) -> list[Fault]:
    if not isinstance(item, dict):
        return [Fault(pointer, "an event is an object with leadId and type")]
    faults = []
    for name, field in _FIELDS.items():
        if name in item:
            try:
                msgspec.convert(item[name], _HINTS[field.name])
            except msgspec.ValidationError as error:
                faults.append(Fault(f"{pointer}/{name}", str(error)))
        elif field.required:
            faults.append(Fault(f"{pointer}/{name}", "is required"))
    faults += [
        Fault(f"{pointer}/{_escaped(str(name))}", "is not a field of an event; put it into properties")
        for name in item
        if name not in _FIELDS
    ]
    return faults


def _meaning_faults(event: EventInput, pointer: str, *, measure: bool) -> list[Fault]:
    faults = _name_faults(event, pointer)
    if event.occurred_at is not None and from_datetime(event.occurred_at) < 0:
        faults.append(Fault(f"{pointer}/occurredAt", "must not be before 1970"))
    if event.properties:
        faults += _value_faults(event.properties, f"{pointer}/properties", MOST_DEPTH)
        if measure and not faults and len(msgspec.json.encode(event.properties)) > MOST_PROPERTY_BYTES:
            faults.append(
                Fault(f"{pointer}/properties", f"must not be larger than {MOST_PROPERTY_BYTES} bytes")
            )
    return faults


def _name_faults(event: EventInput, pointer: str) -> list[Fault]:
    faults = [
        Fault(f"{pointer}/{name}", "must be visible text without control characters")
        for name, text in (
            ("leadId", event.lead_id),
            ("eventId", event.event_id),
            ("source", event.source or None),
        )
        if text is not None and not _VISIBLE.match(text)
    ]
    if "/" in event.lead_id or event.lead_id in (".", ".."):
        faults.append(Fault(f"{pointer}/leadId", "must not contain a slash: it has to fit into a URL"))
    if event.event_id is not None and event.event_id.startswith(RESERVED_IDS):
        faults.append(
            Fault(f"{pointer}/eventId", "must not begin with decay: or execution:, the engine's own")
        )
    if event.source == ENGINE_SOURCE:
        faults.append(Fault(f"{pointer}/source", f"must not be {ENGINE_SOURCE}, the engine's own"))
    return faults


def _value_faults(value: Json, pointer: str, depth: int) -> list[Fault]:
    if depth == 0:
        return [Fault(pointer, f"is nested more than {MOST_DEPTH} levels deep")]
    faults: list[Fault] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            at = f"{pointer}/{_escaped(key)}"
            if not key or key.startswith("$") or "." in key or "\0" in key:
                faults.append(Fault(at, "a name must not be empty, begin with $ or contain a dot or NUL"))
            if isinstance(inner, (dict, list, int)):
                faults += _value_faults(inner, at, depth - 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            if isinstance(inner, (dict, list, int)):
                faults += _value_faults(inner, f"{pointer}/{index}", depth - 1)
    elif isinstance(value, int) and value not in _INT64:
        faults.append(Fault(pointer, "is a whole number of more than 64 bits; send it as text"))
    return faults


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
