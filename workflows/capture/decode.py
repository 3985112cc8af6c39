"""Strict decoding of events: one pass for sound requests, and every fault by name for the others."""

from __future__ import annotations

from codecs import BOM_UTF8
from collections.abc import Collection
from typing import Any

import msgspec

from domain.errors import Fault, Invalid
from domain.events.event import ENGINE_SOURCE
from domain.events.identifiers import is_plain
from workflows.capture.bookkeeping import CHECKED_TYPES
from workflows.capture.event_input import EventInput
from workflows.capture.faults import (
    FOLDERS,
    MAX_PROPERTY_BYTES,
    NOT_JSON,
    RESERVED_IDS,
    body_faults,
    content_faults,
    first_faults,
    item_faults,
    not_json,
    place,
    require_few_containers,
    require_number,
)
from workflows.capture.property_faults import MAX_INT, MIN_INT

__all__ = ["check_event", "decode_events", "without_byte_order_mark"]

_decoder = msgspec.json.Decoder(EventInput | list[EventInput])
_WRONG = "Some fields are wrong; nothing was stored."
_FIRST_YEAR = 1970


def decode_events(
    raw: bytes | bytearray, stages: Collection[str] | None = None, region: str = ""
) -> tuple[list[EventInput], bool]:
    """The events of a JSON body, and whether it was a single one. Raises `Invalid` with every fault, up to 100.

    `stages` are those that `stage.set` may name, None for any; telephone numbers without a country code are of `region`.
    """
    raw = without_byte_order_mark(raw)
    require_few_containers(raw)
    try:
        body = _decoder.decode(raw)
    except msgspec.ValidationError as error:
        # No fault is found when a name occurs twice: only the strict decoder sees the first of them.
        faults = first_faults(body_faults(raw, error, stages, region)) or (Fault(place(error), str(error)),)
        raise Invalid(_WRONG, faults) from None
    except NOT_JSON as error:
        raise not_json(error, raw) from error
    single = isinstance(body, EventInput)
    events = [body] if isinstance(body, EventInput) else body
    require_number(len(events))
    measure = len(raw) > MAX_PROPERTY_BYTES
    doubtful = [index for index, event in enumerate(events) if measure or not _is_sound(event)]
    if doubtful:
        faults = first_faults(
            fault
            for index in doubtful
            for fault in content_faults(
                events[index],
                "" if single else f"/{index}",
                measure=measure,
                stages=stages,
                region=region,
            )
        )
        if faults:
            raise Invalid(_WRONG, faults)
    return events, single


def without_byte_order_mark(raw: bytes | bytearray) -> bytes | bytearray:
    """The body without the mark that some programs write before UTF-8."""
    return raw.removeprefix(BOM_UTF8)


def check_event(item: object, stages: Collection[str] | None = None, region: str = "") -> EventInput:
    """One event from plain Python values. Raises `Invalid` with every fault, up to 100.

    `stages` and `region` as for `decode_events`.
    """
    try:
        event = msgspec.convert(item, EventInput)
        faults = first_faults(content_faults(event, "", measure=True, stages=stages, region=region))
    except msgspec.ValidationError:
        faults = first_faults(item_faults(item, "", stages, region))
    if faults:
        raise Invalid("Some fields are wrong.", faults)
    return event


def _is_sound(event: EventInput) -> bool:
    """A cheap pre-check at a third of the cost of `content_faults`: True means that there is no fault."""
    lead_id, event_id, source, at = event.lead_id, event.event_id, event.source, event.occurred_at
    return (
        is_plain(f"{lead_id}{event_id}{source}{event.type}")
        and not event.identifiers
        and lead_id is not None
        and "/" not in lead_id
        and lead_id not in FOLDERS
        and not (event_id is not None and event_id.startswith(RESERVED_IDS))
        and source != ENGINE_SOURCE
        and event.type not in CHECKED_TYPES
        and (at is None or at.year > _FIRST_YEAR)
        and (not event.properties or _are_sound(event.properties))
    )


def _are_sound(properties: dict[str, Any]) -> bool:
    return all(map(str.isidentifier, properties)) and all(map(_is_sound_value, properties.values()))


def _is_sound_value(value: Any) -> bool:
    kind = type(value)
    return kind is str or (kind is int and MIN_INT <= value <= MAX_INT) or kind is bool or value is None
