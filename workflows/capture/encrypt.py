"""Seals the personal fields of events on their way into the store, and opens them for who may read them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.events.event import Event, NewEvent
from domain.leads.intelligence import Intelligence
from domain.privacy.personal_fields import is_sealed
from engine.capture.appender import Appended
from engine.privacy.lead_key import LeadKey
from engine.privacy.sealed_properties import holds_sealed, open_properties, open_value, seal_properties
from engine.runtime import Runtime

__all__ = ["append_sealed", "begin_to_append_sealed", "opened", "opened_intelligence"]

_MAX_TOLD = 200
"""Characters of who set a stage and why, as of those that are not sealed."""
_AT_A_TIME = 5
"""Events that are sealed before others get their turn; the most that fit into these take a tenth of a second."""


async def append_sealed(runtime: Runtime, events: Sequence[NewEvent]) -> list[Appended]:
    """Store the events with their personal fields sealed; one result each, in their order.

    Raises `Unavailable` as `Appender.append` does, and when the keys cannot be had now.
    """
    return await begin_to_append_sealed(runtime, events)


def begin_to_append_sealed(runtime: Runtime, events: Sequence[NewEvent]) -> asyncio.Future[list[Appended]]:
    """`append_sealed` for a caller that wants no task of its own: it raises, or what it returns raises.

    Events without a personal field cost no task, and no look into the store.
    """
    fields = runtime.privacy.fields
    personal = [
        index for index, event in enumerate(events) if event.properties and fields.are_in(event.properties)
    ]
    if not personal:
        return runtime.capture.appender.begin(events)
    return runtime.capture.appender.begin(events, partial(_sealed, runtime, personal))


async def _sealed(runtime: Runtime, personal: list[int], events: Sequence[NewEvent]) -> Sequence[NewEvent]:
    """The events as they may be stored; `personal` are the places of those with a personal field."""
    fields = runtime.privacy.fields
    try:
        keys = await runtime.privacy.keys.of_leads({events[index].lead_id for index in personal})
    except PyMongoError as error:
        raise Unavailable("The store is not available; nothing of this request was taken.") from error
    result = list(events)
    for count, index in enumerate(personal, 1):
        event = events[index]
        key = keys[event.lead_id]
        result[index] = replace(
            event,
            properties=seal_properties(event.properties, fields, key),
            body_hash=key.body_hash(event.body_hash),
            plain_hash=event.body_hash,
        )
        if count % _AT_A_TIME == 0:
            await asyncio.sleep(0)
    return result


async def opened(runtime: Runtime, lead_id: str, events: Sequence[Event]) -> list[Event]:
    """The lead's events as they were sent; what was erased reads `[erased]`."""
    if not any(holds_sealed(event.properties) for event in events):
        return list(events)
    key = await runtime.privacy.keys.find(lead_id)
    return [replace(event, properties=open_properties(event.properties, key)) for event in events]


async def opened_intelligence(runtime: Runtime, found: Intelligence) -> Intelligence:
    """The same, with who set the stage by hand and why."""
    override = found.details.stage_set_by
    if override is None or not (is_sealed(override.by) or is_sealed(override.why)):
        return found
    key = await runtime.privacy.keys.find(found.lead_id)
    told = replace(override, by=_told("by", override.by, key), why=_told("why", override.why, key))
    return replace(found, details=replace(found.details, stage_set_by=told))


def _told(field: str, text: str, key: LeadKey | None) -> str:
    return str(open_value(field, text, key))[:_MAX_TOLD]
