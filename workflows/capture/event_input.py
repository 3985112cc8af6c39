"""What a sender may say: strict decoding of events, with a pointer to every fault."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Annotated, Any, get_type_hints

import msgspec
from msgspec import Meta, Struct

from domain.errors import Fault, Invalid
from domain.events.event import ENGINE_SOURCE, Json, NewEvent
from domain.instant import MINUTE, Millis, from_datetime

__all__ = ["MAX_EVENTS", "EventInput", "check_event", "decode_events", "to_new_event"]

MAX_EVENTS = 1000
"""Events in one request."""
MAX_PROPERTY_BYTES = 32 * 1024
"""Size of the properties of one event, as JSON."""
MAX_DEPTH = 16
"""Levels of nesting in properties."""
MAX_FUTURE: Millis = 5 * MINUTE
"""How far a sender's clock may be ahead; later times are brought back to this."""
MAX_FAULTS = 100
"""Faults that one refusal lists, so that its size is bounded."""

RESERVED_IDS = ("decay:", "execution:")
_FOLDERS = (".", "..")
_FIRST_YEAR = 1970
_VISIBLE = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f-\x9f]*")
_INT64 = range(-(2**63), 2**63)
_PLACE = re.compile(r"`\$(?:\[(\d+)\])?(?:\.(\w+))?")

Identity = Annotated[str, Meta(min_length=1, max_length=200)]


class EventInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One event as sent. Times are RFC 3339 with an offset; without one it happened on arrival."""

    lead_id: Identity
    type: Annotated[str, Meta(max_length=100, pattern=r"^[A-Za-z][A-Za-z0-9_.:-]*\Z")]
    event_id: Identity | None = None
    occurred_at: Annotated[datetime, Meta(tz=True)] | None = None
    properties: dict[str, Any] = {}
    source: Annotated[str, Meta(max_length=100)] = ""


_decoder = msgspec.json.Decoder(EventInput | list[EventInput])
_forgiving = msgspec.json.Decoder(float_hook=float)
"""Takes any JSON, and a number beyond all floats as infinite, so that its place can be named."""
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_HINTS = get_type_hints(EventInput, include_extras=True)
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(EventInput)}
_HARMLESS = {"lead_id": "x", "type": "x"}
"""Stands in for wrong fields while the others are looked at."""
_WRONG = "Some fields are wrong; nothing was stored."


def decode_events(raw: bytes | bytearray) -> tuple[list[EventInput], bool]:
    """The events of a JSON body, and whether it was a single one. Raises `Invalid` with every fault, up to 100."""
    try:
        body = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        # None is found when a name stood twice: the forgiving decoder sees only the last of them.
        faults = _listed(_all_faults(raw, error)) or (Fault(_place(error), str(error)),)
        raise Invalid(_WRONG, faults) from None
    except _NOT_JSON as error:
        raise _not_json(error) from error
    single = isinstance(body, EventInput)
    events = [body] if isinstance(body, EventInput) else body
    _check_number(len(events))
    measure = len(raw) > MAX_PROPERTY_BYTES
    doubtful = [index for index, event in enumerate(events) if measure or not _is_sound(event)]
    if doubtful:
        faults = _listed(
            fault
            for index in doubtful
            for fault in _meaning_faults(events[index], "" if single else f"/{index}", measure=measure)
        )
        if faults:
            raise Invalid(_WRONG, faults)
    return events, single


def check_event(item: object) -> EventInput:
    """One event from plain Python values. Raises `Invalid` with every fault, up to 100."""
    if faults := _listed(_faults(item, "")):
        raise Invalid("Some fields are wrong.", faults)
    return msgspec.convert(item, EventInput)


def to_new_event(event: EventInput, event_id: str, received_at: Millis) -> NewEvent:
    """The event as it is stored, its time no more than five minutes ahead of its arrival."""
    said = None if event.occurred_at is None else from_datetime(event.occurred_at)
    occurred_at = received_at if said is None else min(said, received_at + MAX_FUTURE)
    return NewEvent(
        event_id=event_id,
        lead_id=event.lead_id,
        type=event.type,
        occurred_at=occurred_at,
        received_at=received_at,
        body_hash=_body_hash(event, said),
        source=event.source,
        properties=event.properties,
    )


def _body_hash(event: EventInput, said: Millis | None) -> str:
    """Equal for two deliveries that say the same, whatever the order of keys or the offset of the time."""
    content = (event.lead_id, event.type, said, event.source, event.properties)
    return hashlib.blake2b(msgspec.json.encode(content, order="deterministic"), digest_size=16).hexdigest()


def _check_number(events: int) -> None:
    if not 1 <= events <= MAX_EVENTS:
        raise Invalid(
            "The number of events is wrong; nothing was stored.",
            (Fault("", f"send 1 to {MAX_EVENTS} events, not {events}"),),
        )


def _not_json(error: Exception) -> Invalid:
    match error:
        case RecursionError():
            detail = "it is nested too deeply"
        case UnicodeDecodeError():
            detail = f"it is not UTF-8: {error.reason}"
        case _:
            detail = str(error)
    return Invalid("The body is not JSON.", (Fault("", detail),))


def _listed(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The first hundred faults, and a note if there are more."""
    listed = tuple(islice(faults, MAX_FAULTS + 1))
    if len(listed) <= MAX_FAULTS:
        return listed
    return (
        *listed[:MAX_FAULTS],
        Fault("", f"there are more: only the first {MAX_FAULTS} faults are listed"),
    )


def _all_faults(raw: bytes | bytearray, first: msgspec.ValidationError) -> Iterator[Fault]:
    """Every fault in the body; the strict decoder stopped at the first one, or at one that only it can see."""
    try:
        body = _forgiving.decode(raw)
    except msgspec.ValidationError:  # a whole number of thousands of digits
        return iter((Fault(_place(first), str(first)),))
    except _NOT_JSON as error:
        raise _not_json(error) from error
    if not isinstance(body, list):
        return _faults(body, "")
    _check_number(len(body))
    return chain.from_iterable(_faults(item, f"/{index}") for index, item in enumerate(body))


def _place(error: msgspec.ValidationError) -> str:
    """The event and field that msgspec names, as a JSON pointer."""
    found = _PLACE.search(str(error))
    return "".join(f"/{step}" for step in (found.groups() if found else ()) if step)


def _faults(item: object, pointer: str) -> Iterator[Fault]:
    """Every fault of what should be an event: first those of shape, then those of the well-shaped fields."""
    if not isinstance(item, dict):
        yield Fault(pointer, "an event is an object with leadId and type")
        return
    good: dict[str, Any] = dict(_HARMLESS)
    for name, field in _FIELDS.items():
        if name in item:
            try:
                good[field.name] = msgspec.convert(item[name], _HINTS[field.name])
            except msgspec.ValidationError as error:
                yield Fault(f"{pointer}/{name}", str(error))
        elif field.required:
            yield Fault(f"{pointer}/{name}", "is required")
    for name in item:
        if name not in _FIELDS:
            yield Fault(
                f"{pointer}/{_escaped(str(name))}", "is not a field of an event; put it into properties"
            )
    yield from _meaning_faults(EventInput(**good), pointer, measure=True)


def _is_sound(event: EventInput) -> bool:
    """Whether the event is without a fault beyond doubt: told of most at a third of what it costs to look for faults."""
    lead_id, event_id, source, at = event.lead_id, event.event_id, event.source, event.occurred_at
    names = f"{lead_id}{event_id}{source}"
    return (
        names.isprintable()
        and " " not in names
        and "/" not in lead_id
        and lead_id not in _FOLDERS
        and not (event_id is not None and event_id.startswith(RESERVED_IDS))
        and source != ENGINE_SOURCE
        and (at is None or at.year > _FIRST_YEAR)
        and all(map(str.isidentifier, event.properties))
        and all(map(_is_harmless, event.properties.values()))
    )


def _meaning_faults(event: EventInput, pointer: str, *, measure: bool) -> Iterator[Fault]:
    yield from _name_faults(event, pointer)
    if event.occurred_at is not None and from_datetime(event.occurred_at) < 0:
        yield Fault(f"{pointer}/occurredAt", "must not be before 1970")
    if event.properties:
        if measure and _is_too_large(event.properties):
            yield Fault(f"{pointer}/properties", f"must not be larger than {MAX_PROPERTY_BYTES} bytes")
        else:
            yield from _value_faults(event.properties, f"{pointer}/properties", MAX_DEPTH)


def _is_too_large(properties: dict[str, Json]) -> bool:
    try:
        return len(msgspec.json.encode(properties)) > MAX_PROPERTY_BYTES
    except RecursionError:
        return False  # its depth is the fault to name


def _name_faults(event: EventInput, pointer: str) -> Iterator[Fault]:
    for name, text in (
        ("leadId", event.lead_id),
        ("eventId", event.event_id),
        ("source", event.source or None),
    ):
        if text is not None and not (_is_plain(text) or _VISIBLE.fullmatch(text)):
            yield Fault(f"{pointer}/{name}", "must be visible text without control characters")
    if "/" in event.lead_id or event.lead_id in _FOLDERS:
        yield Fault(f"{pointer}/leadId", "must not contain a slash: it has to fit into a URL")
    if event.event_id is not None and event.event_id.startswith(RESERVED_IDS):
        yield Fault(f"{pointer}/eventId", "must not begin with decay: or execution:, the engine's own")
    if event.source == ENGINE_SOURCE:
        yield Fault(f"{pointer}/source", f"must not be {ENGINE_SOURCE}, the engine's own")


def _is_harmless(value: Json) -> bool:
    """Whether a property may have this value wherever it stands."""
    kind = type(value)
    return kind is str or (kind is int and value in _INT64) or kind is bool or value is None


def _is_plain(text: str) -> bool:
    """Whether the text is visible beyond doubt, told without a pattern, which most texts never need."""
    return text.isprintable() and not text.isspace()


def _value_faults(value: dict[str, Json] | list[Json], pointer: str, levels: int) -> Iterator[Fault]:
    """Faults in an object or array that may be so many levels deep."""
    if levels == 0:
        yield Fault(pointer, f"is nested more than {MAX_DEPTH} levels deep")
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(key, str) and not key.isidentifier() and _cannot_be_stored(key):
            at = f"{pointer}/{_escaped(key)}"
            yield Fault(at, "a name must not be empty, begin with $ or contain a dot or NUL")
        if isinstance(inner, str):
            continue
        if isinstance(inner, (dict, list)):
            yield from _value_faults(inner, f"{pointer}/{_escaped(str(key))}", levels - 1)
        elif isinstance(inner, int):
            if inner not in _INT64:
                at = f"{pointer}/{_escaped(str(key))}"
                yield Fault(at, "is a whole number of more than 64 bits; send it as text")
        elif isinstance(inner, float) and not math.isfinite(inner):
            yield Fault(f"{pointer}/{_escaped(str(key))}", "is a number out of range; send it as text")


def _cannot_be_stored(key: str) -> bool:
    return not key or key.startswith("$") or "." in key or "\0" in key


def _escaped(key: str) -> str:
    """A key in a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
