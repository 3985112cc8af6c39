"""What tests of the append share: events, appenders with limits of their own, and what is stored."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from domain.errors import Unavailable
from domain.events.event import NewEvent
from engine.capture.log.appender import Appender
from engine.capture.log.turns import AppendTurns
from engine.capture.log.writer import EventWriter
from engine.runtime import Runtime

NOW = 1_795_348_800_000


def new_event(
    event_id: str, *, lead_id: str = "lead", body_hash: str = "hash", **properties: object
) -> NewEvent:
    return NewEvent(
        event_id=event_id,
        lead_id=lead_id,
        type="page_view",
        occurred_at=NOW,
        received_at=NOW,
        body_hash=body_hash,
        properties=properties,
    )


@contextlib.asynccontextmanager
async def open_appender(
    runtime: Runtime,
    store: EventWriter | None = None,
    *,
    batch_events: int = 10,
    linger_seconds: float = 0,
    queue_events: int = 100,
    stored=lambda: None,
    turns: AppendTurns | None = None,
) -> AsyncIterator[Appender]:
    """An appender beside that of the runtime, on the same database."""
    appender = Appender(
        runtime.store.client,
        store or EventWriter(runtime.store.database),
        batch_events=batch_events,
        linger_seconds=linger_seconds,
        queue_events=queue_events,
        stored=stored,
        turns=turns,
    )
    appender.start()
    try:
        yield appender
    finally:
        await appender.close()


async def append_until_stored(appender: Appender, events: list[NewEvent]) -> None:
    """Append, and again with the same ids if the machine is too slow for it, as a sender does."""
    while True:
        with contextlib.suppress(Unavailable):
            await appender.append(events)
            return


async def stored_positions(runtime: Runtime) -> list[int]:
    return [doc["_id"] async for doc in runtime.store.database["events"].find({}, {"_id": 1}).sort("_id", 1)]
