"""A runtime whose log has several partitions, and leads of each of them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from domain.events.partition import partition_of
from domain.instant import to_datetime
from engine.capture.event_store import EventStore
from engine.capture.log.event_log import EventLog
from engine.capture.log.writer import EventWriter
from engine.runtime import Runtime
from engine.settings import Settings
from tests.engine.capture.appending import open_appender
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

__all__ = ["leads_of", "settings_of", "tell", "verified", "with_partitions"]


def settings_of(settings: Settings, partitions: int) -> Settings:
    """The settings, for a database beside that of the test, which is to be made with so many partitions."""
    name = f"{settings.mongodb_database}-{partitions}"
    return settings.model_copy(update={"mongodb_database": name, "log_partitions": partitions})


@contextlib.asynccontextmanager
async def with_partitions(runtime: Runtime, partitions: int) -> AsyncIterator[Runtime]:
    """The runtime, on the same empty database, with a log of so many partitions."""
    database, stored = runtime.store.database, runtime.capture.notifications.publish
    writer = EventWriter(database, partitions)
    async with open_appender(runtime, writer, batch_events=100, queue_events=1000, stored=stored) as appender:
        log, events = EventLog(database, partitions), EventStore(database, partitions=partitions)
        capture = replace(runtime.capture, log=log, events=events, writer=writer, appender=appender)
        yield replace(runtime, capture=capture)


def leads_of(partition: int, partitions: int, number: int) -> list[str]:
    """So many ids of leads that are in this partition."""
    names = (f"lead-{index}" for index in range(100_000))
    found = (one for one in names if partition_of(one, partitions) == partition)
    return [next(found) for _ in range(number)]


async def tell(engine, lead_id, *facts, apply=True):
    """Events of a lead: type and age in days. Returns the last position."""
    events = [
        EventInput(lead_id=lead_id, type=kind, occurred_at=to_datetime(engine.now()) - timedelta(days=days))
        for kind, days in facts
    ]
    *_, last = await ingest(engine, events)
    if apply:
        await process_leads(engine, [lead_id])
    return last.position


async def verified(engine):
    """A replay finds every lead as it is stored."""
    report = await replay(engine, "verify")
    assert (report.drifted, report.failed, report.outdated) == ([], {}, 0)
