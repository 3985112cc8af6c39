"""Field-level encryption of personal data in events: sealed before the append, opened for those who may read it.

Each lead has a key of its own, so that deleting the key erases the fields (crypto-shredding).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

from msgspec.structs import replace
from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.events.event import Event, Json, NewEvent
from domain.leads.intelligence import Intelligence
from domain.privacy.personal_fields import is_sealed
from engine.capture.deduplication import Appended
from engine.privacy.lead_key import LeadKeys
from engine.privacy.sealed_properties import holds_sealed, open_properties, open_value, seal_properties
from engine.runtime import Runtime

__all__ = ["append_sealed", "encrypt_personal_fields", "opened", "opened_intelligence"]

_MAX_CHARACTERS = 200
"""Characters that are shown of who set a stage and why, as of those that are not encrypted."""
_CHARACTERS_PER_TURN = 32 * 1024
"""Text that is searched or encrypted before other tasks get their turn, which takes some milliseconds."""
_CHARACTERS_PER_EVENT = 1024
"""What encrypting the shortest event costs, as text."""


async def append_sealed(runtime: Runtime, events: Sequence[NewEvent]) -> list[Appended]:
    """Store the events durably with their personal fields encrypted; one result each, in their order.

    Room for them is reserved first, and their time runs, so that encryption is bounded as the append is.
    Raises `Unavailable` when the queue is full, when the keys cannot be had now, or when it is not known in time
    whether the events are stored: then repeating the call with the same event ids is safe.
    """
    async with runtime.capture.appender.reserve(len(events)) as slot:
        return await slot.append(await encrypt_personal_fields(runtime, events))


async def encrypt_personal_fields(runtime: Runtime, events: Sequence[NewEvent]) -> Sequence[NewEvent]:
    """The events as they may be stored. Those without a personal field cost no look-up of keys.

    Raises `Unavailable` when the keys cannot be had now.
    """
    fields = runtime.privacy.fields
    personal, unread = [], 0
    for index, event in enumerate(events):
        if not event.properties:
            continue
        if fields.are_in(event.properties):
            personal.append(index)
        unread += _characters(event.properties)
        if unread > _CHARACTERS_PER_TURN:
            await _give_turn(runtime)
            unread = 0
    if not personal:
        return events
    try:
        keys = await runtime.privacy.keys.of_leads({events[index].lead_id for index in personal})
    except PyMongoError as error:
        raise Unavailable("The store is not available; nothing of this request was taken.") from error
    result = list(events)
    for index in personal:
        event = events[index]
        key = keys[event.lead_id]
        result[index] = replace(
            event,
            properties=seal_properties(event.properties, fields, key),
            body_hash=key.body_hash(event.body_hash),
            plain_hash=event.body_hash,
        )
        unread += _characters(event.properties) + _CHARACTERS_PER_EVENT
        if unread > _CHARACTERS_PER_TURN:
            await _give_turn(runtime)
            unread = 0
    return result


async def _give_turn(runtime: Runtime) -> None:
    """Let others have their turn: one long request goes on per turn, however many there are."""
    async with runtime.capture.large_bodies:
        await asyncio.sleep(0)


def _characters(properties: Mapping[str, Json]) -> int:
    """About how many characters have to be read; what is nested counts as much as a turn has."""
    return sum(
        len(value) if type(value) is str else _CHARACTERS_PER_TURN if isinstance(value, (dict, list)) else 0
        for value in properties.values()
    )


async def opened(runtime: Runtime, events: Sequence[Event]) -> list[Event]:
    """Events as they were sent; what was erased reads `[erased]`."""
    if not any(holds_sealed(event.properties) for event in events):
        return list(events)
    streams = {event.stream_id for event in events}
    keys = {stream: await runtime.privacy.keys.find(stream) for stream in streams}
    return [
        replace(event, properties=open_properties(event.properties, keys[event.stream_id]))
        for event in events
    ]


async def opened_intelligence(runtime: Runtime, found: Intelligence) -> Intelligence:
    """The intelligence with the name and the reason of a stage that was set by hand decrypted."""
    override = found.details.stage_set_by
    if override is None or not (is_sealed(override.by) or is_sealed(override.why)):
        return found
    streams = await runtime.identity.streams.of_lead(found.lead_id)
    keys = await runtime.privacy.keys.of_streams(streams)
    plain = replace(
        override, by=_opened_text("by", override.by, keys), why=_opened_text("why", override.why, keys)
    )
    return replace(found, details=replace(found.details, stage_set_by=plain))


def _opened_text(field: str, text: str, keys: LeadKeys) -> str:
    return str(open_value(field, text, keys))[:_MAX_CHARACTERS]
