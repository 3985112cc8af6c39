"""Comparison of a sent event with the stored one of its id, whatever way each value is written.

Hashes tell nearly every repeat. Only when they differ both events are normalised and compared: `10` and `10.0` are one
number, as are `-0.0` and `0`; a property that is null is as good as absent, but for attributes that are taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import msgspec
from msgspec.structs import replace

from domain.accounts.company import COMPANY_DOMAIN, COMPANY_NAME
from domain.capture.captured import COMPANY_GROUP
from domain.events.event import AUTOMATED, Event, Json
from domain.events.identifiers import normalised_id
from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import from_datetime
from engine.capture.deduplication import Appended
from engine.privacy.sealed_properties import holds_sealed
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.privacy.encrypt import opened

__all__ = ["recognise_repeats"]

_ADDED = frozenset({COMPANY_NAME, COMPANY_DOMAIN, COMPANY_GROUP})
"""Properties that the engine has added to an event, if its sender has not given them."""

_MAX_EXACT = 2**53
"""Beyond it, a float is not exactly the whole number that was meant."""


async def recognise_repeats(
    runtime: Runtime, events: Sequence[EventInput], results: Sequence[Appended]
) -> list[Appended]:
    """The results, with `duplicate` for those in conflict whose events say the same in another way.

    Identifiers, which only events have whose sender names no lead, may have led to another lead when the event came
    before: one that was erased since.
    """
    recognised = list(results)
    doubtful = [index for index, result in enumerate(results) if result.status == "conflict"]
    if not doubtful:
        return recognised
    stored = await runtime.capture.lookup.with_ids({results[index].event_id for index in doubtful})
    for index in doubtful:
        sent, known = events[index], stored.get(results[index].event_id)
        if known is not None and (known.lead_id == sent.lead_id or sent.identifiers):
            (shown,) = await opened(runtime, [known])
            is_erased = known.lead_id != sent.lead_id and not await _can_be_read(runtime, known)
            if is_erased or _has_same_content(sent, shown):
                recognised[index] = replace(results[index], lead_id=known.lead_id, status="duplicate")
    return recognised


async def _can_be_read(runtime: Runtime, event: Event) -> bool:
    if not holds_sealed(event.properties):
        return True
    return await runtime.privacy.keys.find(event.lead_id) is not None


def _has_same_content(sent: EventInput, stored: Event) -> bool:
    added = _ADDED - (sent.properties or {}).keys()
    return _has_same_time(sent, stored) and _canonical(sent) == _canonical(stored, without=added)


def _has_same_time(sent: EventInput, stored: Event) -> bool:
    """An event without a time occurred on arrival, and the time of one from the future was moved when it arrived."""
    if sent.occurred_at is None:
        return stored.occurred_at == stored.received_at
    at = from_datetime(sent.occurred_at)
    return stored.occurred_at == at or at > stored.received_at


def _canonical(event: EventInput | Event, without: Collection[str] = ()) -> bytes:
    left_out = {AUTOMATED, *without}
    said = {name: value for name, value in (event.properties or {}).items() if name not in left_out}
    properties = _normalised(said, keeps_null=event.type == LEAD_UPDATED)
    content = (normalised_id(event.type), normalised_id(event.source or ""), properties)
    return msgspec.json.encode(content, order="deterministic")


def _normalised(value: Json, *, keeps_null: bool) -> Json:
    match value:
        case dict():
            return {
                name: _normalised(inner, keeps_null=keeps_null)
                for name, inner in value.items()
                if keeps_null or inner is not None
            }
        case list():
            return [_normalised(inner, keeps_null=keeps_null) for inner in value]
        case float() if value.is_integer() and abs(value) <= _MAX_EXACT:
            return int(value)
    return value
