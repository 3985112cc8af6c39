"""What it costs to capture in a wire format of clients: Segment batches beside native ones of the same stored bytes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import count

import msgspec
from msgspec.structs import replace

from domain.capture.mapping import NO_MAPPING
from domain.events.event import Event
from domain.instant import to_datetime
from engine.capture.stored_event import StoredEvent
from engine.runtime import Runtime
from engine.sources.source import Source, new_source_id
from engine.store.mongo import Session, transact, without_codec
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import post
from scripts.bench.load.plan import MARK, Plan, send
from scripts.bench.load.workload import sent_week
from scripts.bench.report.figures import Figure, Row, at_least
from scripts.bench.workbench import Question, Workbench
from workflows.capture.event_input import EventInput

__all__ = ["CAPTURE"]

_BATCH = 100
_CONNECTIONS = 16
_LEADS = 2_000
_CONTEXT = {"library": {"name": "analytics-python", "version": "2.4.0"}, "locale": "en-US", "timezone": "UTC"}
_PASS = MARK.decode()
_KNOWN_SECONDS = 3
"""After so long every process knows a new source, and that a key is its write key."""


async def _segment(bench: Workbench) -> list[Row]:
    events = bench.size(40_000, 8_000)
    async with bench.engine("api") as (engine, runtime):
        source = await _source_of_bench_key(runtime)
        plan = Plan(port=engine.settings.port, connections=_CONNECTIONS, requests=[])
        segment = replace(plan, requests=_segment_requests(sent_week(_LEADS, events)))
        passes = count()
        await _send(runtime, replace(segment, first_pass=next(passes)), events, 200)
        native = replace(plan, requests=await _native_requests(runtime, source))

        async def with_segment(_: int) -> float:
            return await _send(runtime, replace(segment, first_pass=next(passes)), events, 200)

        async def natively(_: int) -> float:
            return await _send(runtime, replace(native, first_pass=next(passes)), events, 202)

        samples = await bench.interleave({"Segment": with_segment, "native": natively})
    return [
        Row(
            question=18,
            name=f"Segment batches, {_BATCH} messages per request, {_CONNECTIONS} connections",
            measured=Figure("events/s", samples["Segment"]),
            baseline=Figure("events/s", samples["native"]),
            baseline_name="native batches of the same stored events",
            reach=at_least(0.8),
            aim=at_least(0.9),
            note=f"{events:,} events per round, identifiers known and resolved",
        )
    ]


async def _source_of_bench_key(runtime: Runtime) -> Source:
    """A source whose write key is the key that all requests of the benchmark show."""
    keys = runtime.store.database["apiKeys"]
    key = await keys.find_one({})
    verify(key is not None, "the benchmark has a key")
    at, source_id = runtime.now(), new_source_id()
    source = Source(
        source_id=source_id,
        name="bench",
        key_id=key["_id"] if key else "",
        mapping=NO_MAPPING,
        created_at=at,
        updated_at=at,
    )

    async def add(session: Session) -> None:
        await runtime.sources.configured.add(source, session)
        await keys.update_one({"_id": source.key_id}, {"$set": {"sourceId": source_id}}, session=session)

    await transact(runtime.store.client, add)
    await asyncio.sleep(_KNOWN_SECONDS)
    return source


def _segment_requests(events: Sequence[EventInput]) -> list[bytes]:
    """Batches of track messages of the same people in every pass."""
    messages = [
        {
            "type": "track",
            "event": event.type,
            "userId": str(event.lead_id).removeprefix(f"{_PASS}-"),
            "messageId": event.event_id,
            "timestamp": event.occurred_at,
            "properties": event.properties or {},
            "context": _CONTEXT,
            "integrations": {},
        }
        for event in events
    ]
    return [
        post("/v1/batch", msgspec.json.encode({"batch": messages[start : start + _BATCH]}))
        for start in range(0, len(messages), _BATCH)
    ]


async def _native_requests(runtime: Runtime, source: Source) -> list[bytes]:
    """Native batches of the very events that the first pass has stored, under ids of each pass."""
    found = without_codec(runtime.store.database["events"]).find().sort("_id", 1)
    stored: list[Event] = [StoredEvent.of(document).decode() async for document in found]
    # An id is that of a message, behind that of the source: the number of the pass comes first in it.
    bodies = [
        {
            "leadId": event.lead_id,
            "type": event.type,
            "eventId": f"{source.source_id}-{_PASS}:{event.event_id.rpartition(':')[2]}",
            "occurredAt": to_datetime(event.occurred_at),
            "properties": event.properties,
            "source": event.source,
        }
        for event in stored
    ]
    return [
        post("/api/events", msgspec.json.encode(bodies[start : start + _BATCH]))
        for start in range(0, len(bodies), _BATCH)
    ]


async def _send(runtime: Runtime, plan: Plan, events: int, status: int) -> float:
    """Events per second of one pass; every one must be stored."""
    before = await runtime.capture.log.count()
    outcome = (await send(plan)).verify_all(status)
    stored = await runtime.capture.log.count()
    verify(stored == before + events, f"{stored} events are stored instead of {before + events}")
    return events / outcome.elapsed


CAPTURE = Question("capture", "What does it cost to capture in the format of clients?", _segment, (18,))
