"""The capture bundle: the append-only log of events and the group commit in front of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import redis.asyncio

from engine.capture.discards import Discards
from engine.capture.event_lookup import EventLookup
from engine.capture.event_store import EventStore
from engine.capture.log.appender import Appender
from engine.capture.log.event_log import EventLog
from engine.capture.log.turns import AppendTurns
from engine.capture.log.writer import EventWriter
from engine.capture.personal_events import PersonalEvents
from engine.capture.retractions import Retractions
from engine.capture.typed_events import TypedEvents
from engine.notifications.appended import AppendNotifications
from engine.settings.capture.capture import CaptureSettings
from engine.store.bundle import Store

__all__ = ["Capture", "open_capture"]


@dataclass(frozen=True)
class Capture:
    """Where events enter and are kept: `events` by lead, `log` by position. `notifications` say that there are new ones.

    `personal` reads the events that may hold a name, which are all where names are not encrypted; `by_type` those of some types.
    `large_bodies` is held while a large body is decoded, so that others get their turn between two of them.
    """

    appender: Appender
    events: EventStore
    log: EventLog
    writer: EventWriter
    personal: PersonalEvents
    by_type: TypedEvents
    lookup: EventLookup
    discards: Discards
    retractions: Retractions
    notifications: AppendNotifications
    large_bodies: asyncio.Lock


@contextlib.asynccontextmanager
async def open_capture(
    settings: CaptureSettings,
    store: Store,
    redis: redis.asyncio.Redis,
    *,
    partitions: int = 1,
    names_are_encrypted: bool,
) -> AsyncIterator[Capture]:
    """Start the appender on this event loop; at the end what waits in it is written first."""
    writer = EventWriter(store.database, partitions)
    notifications = AppendNotifications(redis, store.database.name)
    appender = Appender(
        store.client,
        writer,
        batch_events=settings.append_batch_events,
        linger_seconds=settings.append_linger_ms / 1000,
        queue_events=settings.append_queue_events,
        stored=notifications.publish,
        turns=AppendTurns(redis, store.database.name),
    )
    appender.start()
    try:
        yield Capture(
            appender,
            EventStore(store.database, partitions=partitions),
            EventLog(store.database, partitions),
            writer,
            PersonalEvents(store.database, are_encrypted=names_are_encrypted),
            TypedEvents(store.database),
            EventLookup(store.database),
            Discards(store.database),
            Retractions(store.database),
            notifications,
            asyncio.Lock(),
        )
    finally:
        await appender.close()
        await notifications.close()
