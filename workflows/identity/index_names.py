"""A catch-up subscription that keeps the index of names: it reads the log after its checkpoint, from the first event on.

So a store that an earlier release has filled is indexed by the same loop. The words of a name are read from its event,
opened with the key of its stream, and stored as keyed hashes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Iterable
from contextlib import aclosing

from domain.errors import Unavailable
from domain.events.event import Event
from domain.events.vocabulary import EVENT_RETRACTED
from domain.identity.known_names import FieldName, KnownNames, with_names
from domain.identity.person_name import MAX_WORDS, name_properties, name_words
from domain.privacy.personal_fields import ERASED, UNREADABLE
from engine.capture.lenient import decode_lenient
from engine.capture.log.subscription import Subscription
from engine.capture.stored_event import StoredEvent
from engine.privacy.lead_key import LeadKeys
from engine.privacy.sealed_properties import holds_sealed, open_value
from engine.runtime import Runtime
from engine.store.concurrency import ConcurrencyConflict

__all__ = ["NAMES", "index_names", "index_stream_names"]

_log = logging.getLogger(__name__)

NAMES = "names:1"
"""The checkpoint. Its number changes with the rules for words, so that everything is indexed again."""

_SLICES = 200
"""Slices of the log that one call reads, of up to 1,000 events with a personal field each."""
_TRIES = 5


async def index_names(runtime: Runtime) -> int:
    """Index the names in the next events, most often all up to the newest. Returns how many events were read.

    One call is bounded, so that the loop is seen to run while a long log is indexed. Idempotent; run it under a lease: two at once
    disturb each other.
    """
    subscription = Subscription(runtime.capture.log)
    begin = await runtime.store.checkpoints.cursor(NAMES, runtime.capture.log.partitions)
    end = await subscription.end()
    read = slices = 0
    async with aclosing(subscription.slices(begin, runtime.capture.personal.after, up_to=end)) as reading:
        async for events, cursor in reading:
            await _index(runtime, events)
            if left := cursor.events_until(end):
                _log.info("Names are indexed of %s events, %s are left.", cursor.events, left)
            read, slices = read + len(events), slices + 1
            await runtime.store.checkpoints.advance(NAMES, cursor)
            await asyncio.sleep(0)
            if slices == _SLICES:
                break
    return read


async def index_stream_names(runtime: Runtime, stream: str) -> None:
    """Index the names of one stream from its first event on, as after one of its events stopped counting.

    Raises `Unavailable` if others write them, or destroy the key, all the time.
    """
    for _ in range(_TRIES):
        before = (await runtime.identity.names.read([stream])).get(stream, KnownNames())
        names, keys = KnownNames(version=before.version), await runtime.privacy.keys.ids([stream])
        opener = await runtime.privacy.keys.of_streams([stream])
        async for stored in runtime.capture.personal.of_stream(stream):
            names = with_names(names, await _names_in(runtime, decode_lenient(stored), opener))
        with contextlib.suppress(ConcurrencyConflict):
            if names != before:
                await runtime.identity.names.write({stream: names})
            if await runtime.privacy.keys.ids([stream]) == keys:
                return
    raise Unavailable("The names of the lead cannot be indexed now.")


async def _index(runtime: Runtime, events: Iterable[StoredEvent]) -> None:
    """Index the names of these events; streams of which one stopped counting, or was erased, from their first event on."""
    decoded = [decode_lenient(one) for one in events if _may_name(one)]
    again = {one.lead_id for one in decoded if one.type == EVENT_RETRACTED}
    named = [one for one in decoded if one.lead_id not in again and name_properties(one.type, one.properties)]
    streams = {one.lead_id for one in named}
    keys = await runtime.privacy.keys.ids(streams)
    opener = await runtime.privacy.keys.of_streams(streams)
    found: dict[str, list[tuple[str, FieldName]]] = defaultdict(list)
    for event in named:
        found[event.lead_id] += await _names_in(runtime, event, opener)
        if _is_erased(event, opener):
            again.add(event.lead_id)
    known = await runtime.identity.names.read(found)
    changed = {
        stream: after
        for stream, names in found.items()
        if (after := with_names(before := known.get(stream, KnownNames()), names)) != before
    }
    await runtime.identity.names.write(changed)
    # A key that was destroyed meanwhile: the erasure may have passed before the names of its person were written.
    kept = await runtime.privacy.keys.ids(streams)
    again |= {stream for stream in streams if kept.get(stream) != keys.get(stream)}
    for stream in again:
        await index_stream_names(runtime, stream)


def _may_name(stored: StoredEvent) -> bool:
    """Whether it is worth decoding: most events with a personal field have no name."""
    properties = stored.raw.get("properties")
    if stored.type == EVENT_RETRACTED or not isinstance(properties, dict):
        return True
    return bool(name_properties(stored.type, properties))


async def _names_in(runtime: Runtime, event: Event, keys: LeadKeys) -> list[tuple[str, FieldName]]:
    """The names in one event: of each field the words, none for one that is empty, taken back or no text."""
    when = (event.occurred_at, event.received_at, event.position)
    found = []
    for name, field in name_properties(event.type, event.properties).items():
        value = open_value(name, event.properties[name], keys)
        if value in {ERASED, UNREADABLE} if isinstance(value, str) else value is not None:
            continue
        words = name_words(value)[:MAX_WORDS] if isinstance(value, str) else ()
        found.append((field, FieldName(await runtime.identity.names.hashes(words), when)))
    return found


def _is_erased(event: Event, keys: LeadKeys) -> bool:
    """Whether a name in the event is encrypted with a key that was destroyed."""
    names = name_properties(event.type, event.properties)
    return any(
        holds_sealed(event.properties[name]) and open_value(name, event.properties[name], keys) == ERASED
        for name in names
    )
