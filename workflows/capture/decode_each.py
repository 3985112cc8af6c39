"""Decoding of a batch event by event, for a sender that wants the sound ones stored and the others reported."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from msgspec import Struct

from domain.errors import Fault, Invalid
from workflows.capture.decode import decode_events, without_byte_order_mark
from workflows.capture.event_input import EventInput
from workflows.capture.faults import NOT_JSON, not_json, require_few_containers, require_number

__all__ = ["InvalidEvent", "decode_each"]

_batch = msgspec.json.Decoder(list[msgspec.Raw])
_MAX_FAULTS = 5
"""Faults that are listed per event, so that the size of a response is bounded."""
_MAX_ID = 200


class InvalidEvent(Struct, frozen=True):
    """An event that cannot be accepted; the ids are None where they cannot be read. Pointers begin at the batch."""

    event_id: str | None
    lead_id: str | None
    faults: tuple[Fault, ...]


class _Ids(Struct, rename="camel"):
    event_id: object = None
    lead_id: object = None


def decode_each(
    raw: bytes | bytearray, stages: Collection[str] | None = None, region: str = ""
) -> Sequence[EventInput | InvalidEvent]:
    """Each item of a JSON array as an event, or what is wrong with it.

    `stages` and `region` as for `decode_events`. Raises `Invalid` for a body that is not an array of 1 to 1,000 items; one event alone is such a body.
    """
    raw = without_byte_order_mark(raw)
    require_few_containers(raw)
    try:
        items = _batch.decode(raw)
    except msgspec.ValidationError:
        raise Invalid(
            "Only a batch can be accepted in part.",
            (Fault("", "send an array of events with this preference"),),
        ) from None
    except NOT_JSON as error:
        raise not_json(error, raw) from error
    require_number(len(items))
    return [_decode(bytes(item), f"/{index}", stages, region) for index, item in enumerate(items)]


def _decode(
    item: bytes, pointer: str, stages: Collection[str] | None, region: str
) -> EventInput | InvalidEvent:
    if not item.lstrip().startswith(b"{"):
        return InvalidEvent(
            None, None, (Fault(pointer, "an event is an object with leadId or identifiers, and type"),)
        )
    try:
        (event,), _ = decode_events(item, stages, region)
    except Invalid as error:
        faults = (Fault(f"{pointer}{fault.pointer}", fault.detail) for fault in error.faults[:_MAX_FAULTS])
        return InvalidEvent(*_ids(item), tuple(faults))
    return event


def _ids(item: bytes) -> tuple[str | None, str | None]:
    try:
        ids = msgspec.json.decode(item, type=_Ids)
    except NOT_JSON:
        return None, None
    return _id(ids.event_id), _id(ids.lead_id)


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and len(value) <= _MAX_ID else None
