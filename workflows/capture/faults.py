"""Faults of events that are refused: each with a JSON pointer to its place and what to do about it."""

from __future__ import annotations

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import Any, get_type_hints

import msgspec

from domain.errors import Fault, Invalid, json_pointer
from domain.events.event import ENGINE_SOURCE, Json
from domain.events.identifiers import is_blank, normalised_id
from domain.instant import from_datetime
from workflows.capture.bookkeeping import CHECKED_TYPES, bookkeeping_faults
from workflows.capture.container_limit import container_fault
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.identifier_faults import identifier_faults, sound_identifiers
from workflows.capture.property_faults import property_faults

__all__ = [
    "FOLDERS",
    "MAX_PROPERTY_BYTES",
    "NOT_JSON",
    "RESERVED_IDS",
    "body_faults",
    "content_faults",
    "first_faults",
    "item_faults",
    "not_json",
    "place",
    "require_few_containers",
    "require_number",
]

MAX_PROPERTY_BYTES = 32 * 1024
"""Size of the properties of one event, as JSON."""
_MAX_FAULTS = 100
"""Faults that one refusal lists, so that its size is bounded."""

RESERVED_IDS = ("assign:", "decay:", "execution:", "merge:", "retract:", "route:", "touch:")
FOLDERS = (".", "..")
"""Lead ids that a URL cannot hold as a segment of its path."""
NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Errors of a body that is no JSON."""

_GZIP, _UTF_16 = b"\x1f\x8b", (BOM_UTF16_LE, BOM_UTF16_BE)
_VISIBLE = re.compile(r"(?=.*\S)[^\x00-\x1f\x7f-\x9f]*")
_PLACE = re.compile(r"`\$(?:\[(\d+)\])?(?:\.(\w+))?")
_lenient = msgspec.json.Decoder(float_hook=float)
"""Decodes any JSON, and a number out of range as infinite, so that its place can be named."""
_unread = msgspec.json.Decoder(msgspec.Raw)
_items = msgspec.json.Decoder(list[msgspec.Raw])
_HINTS = get_type_hints(EventInput, include_extras=True)
_FIELDS = {field.encode_name: field for field in msgspec.structs.fields(EventInput)}
_SOUND = {"lead_id": "x", "type": "x"}
"""In place of wrong fields while the others are checked."""


def require_number(events: int) -> None:
    """Raise `Invalid` for an empty request, and for one with too many events."""
    if not 1 <= events <= MAX_EVENTS:
        raise Invalid(
            "The number of events is wrong; nothing was stored.",
            (Fault("", f"send 1 to {MAX_EVENTS} events, not {events}"),),
        )


def require_few_containers(raw: bytes | bytearray) -> None:
    """Raise `Invalid` for a body with more lists and objects than are decoded, and for one that is no JSON besides."""
    if fault := container_fault(raw):
        try:
            _unread.decode(raw)
        except NOT_JSON as error:
            raise not_json(error, raw) from error
        raise Invalid("The body has too much in it; nothing was stored.", (fault,))


def not_json(error: Exception, raw: bytes | bytearray) -> Invalid:
    """The refusal of a body that cannot be decoded, for one of `NOT_JSON`."""
    match error:
        case _ if raw.startswith(_GZIP):
            detail = "it is compressed: say so with Content-Encoding: gzip"
        case _ if raw.startswith(_UTF_16):
            detail = "it is UTF-16: send UTF-8"
        case RecursionError():
            detail = "it is nested too deeply"
        case UnicodeDecodeError():
            detail = f"it is not UTF-8: {error.reason}"
        case _:
            detail = str(error)
    return Invalid("The body is not JSON.", (Fault("", detail),))


def first_faults(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The first hundred faults, and a note if there are more."""
    listed = tuple(islice(faults, _MAX_FAULTS + 1))
    if len(listed) <= _MAX_FAULTS:
        return listed
    return (
        *listed[:_MAX_FAULTS],
        Fault("", f"there are more: only the first {_MAX_FAULTS} faults are listed"),
    )


def place(error: msgspec.ValidationError) -> str:
    """The event and field that msgspec names, as a JSON pointer."""
    found = _PLACE.search(str(error))
    return json_pointer(*(step for step in (found.groups() if found else ()) if step))


def body_faults(
    raw: bytes | bytearray,
    first: msgspec.ValidationError,
    stages: Collection[str] | None = None,
    region: str = "",
) -> Iterator[Fault]:
    """Every fault in a body that the strict decoder refused with `first`, which may be one that only it can see."""
    try:
        items = _items.decode(raw)
    except msgspec.ValidationError:
        return _faults_of(raw, "", first, stages, region)
    except NOT_JSON as error:
        raise not_json(error, bytes(raw)) from error
    require_number(len(items))  # before any of them is decoded
    return chain.from_iterable(
        _faults_of(item, f"/{index}", first, stages, region) for index, item in enumerate(items)
    )


def _faults_of(
    raw: bytes | bytearray | msgspec.Raw,
    pointer: str,
    first: msgspec.ValidationError,
    stages: Collection[str] | None,
    region: str,
) -> Iterator[Fault]:
    try:
        item = _lenient.decode(raw)
    except msgspec.ValidationError:  # a whole number of thousands of digits
        return iter((Fault(place(first), str(first)),))
    except NOT_JSON as error:
        raise not_json(error, bytes(raw)) from error
    return item_faults(item, pointer, stages, region)


def item_faults(
    item: object, pointer: str, stages: Collection[str] | None = None, region: str = ""
) -> Iterator[Fault]:
    """Every fault of what should be an event: first those of its fields' types, then those of their content."""
    if not isinstance(item, dict):
        yield Fault(pointer, "an event is an object with leadId or identifiers, and type")
        return
    names_lead = item.get("leadId") is not None or item.get("identifiers") is not None
    sound: dict[str, Any] = {**_SOUND, "lead_id": "x" if names_lead else None}
    for name, field in _FIELDS.items():
        if name in item:
            value = item[name]
            if name == "identifiers" and isinstance(value, dict):
                value, faults = sound_identifiers(value, f"{pointer}/{name}")
                yield from faults
            try:
                sound[field.name] = msgspec.convert(value, _HINTS[field.name])
            except msgspec.ValidationError as error:
                yield Fault(f"{pointer}/{name}", str(error))
        elif field.required:
            yield Fault(f"{pointer}/{name}", "is required")
    for name in item:
        if name not in _FIELDS:
            yield Fault(pointer + json_pointer(name), "is not a field of an event; put it into properties")
    yield from content_faults(EventInput(**sound), pointer, measure=True, stages=stages, region=region)


def content_faults(
    event: EventInput,
    pointer: str,
    *,
    measure: bool,
    stages: Collection[str] | None = None,
    region: str = "",
) -> Iterator[Fault]:
    """Faults of an event whose fields have the right types; its properties are measured only with `measure`.

    `stages` are those that `stage.set` may name, None for any; telephone numbers without a country code are of `region`.
    """
    yield from _name_faults(event, pointer)
    if event.identifiers:
        yield from identifier_faults(event.identifiers, f"{pointer}/identifiers", region)
    elif event.lead_id is None:
        yield Fault(f"{pointer}/leadId", "is required, or identifiers of the person")
    if event.type in CHECKED_TYPES:
        yield from bookkeeping_faults(event, pointer, stages)
    if event.occurred_at is not None and from_datetime(event.occurred_at) < 0:
        yield Fault(f"{pointer}/occurredAt", "must not be before 1970")
    if event.properties:
        if measure and _is_too_large(event.properties):
            yield Fault(f"{pointer}/properties", f"must not be larger than {MAX_PROPERTY_BYTES} bytes")
        else:
            yield from property_faults(event.properties, f"{pointer}/properties")


def _is_too_large(properties: dict[str, Json]) -> bool:
    try:
        return len(msgspec.json.encode(properties)) > MAX_PROPERTY_BYTES
    except RecursionError:
        return False  # its depth is the fault to name


def _name_faults(event: EventInput, pointer: str) -> Iterator[Fault]:
    """Faults of the names in their normal form, in which they are stored."""
    names = {
        "leadId": event.lead_id,
        "type": event.type,
        "eventId": event.event_id,
        "source": event.source or None,
    }
    normal = {name: normalised_id(text) for name, text in names.items() if text is not None}
    for name, text in normal.items():
        if not _is_visible(text):
            yield Fault(f"{pointer}/{name}", "must be visible text without control characters")
    lead_id, event_id, source = normal.get("leadId", ""), normal.get("eventId"), normal.get("source")
    if "/" in lead_id or lead_id in FOLDERS:
        yield Fault(f"{pointer}/leadId", "must not contain a slash: it has to fit into a URL")
    if event_id is not None and event_id.startswith(RESERVED_IDS):
        yield Fault(f"{pointer}/eventId", f"must not begin with {', '.join(RESERVED_IDS)}, the engine's own")
    if source == ENGINE_SOURCE:
        yield Fault(f"{pointer}/source", f"must not be {ENGINE_SOURCE}, the engine's own")


def _is_visible(text: str) -> bool:
    if text.isprintable() and text.isascii() and text and not text.isspace():
        return True  # nearly always, and without a pattern
    return _VISIBLE.fullmatch(text) is not None and not is_blank(text)
