"""A log of several partitions: each has positions of its own without a gap, and each lead's events are in one of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from hashlib import blake2b

import pytest
from bson import encode as to_bson
from bson.int64 import Int64
from pymongo.errors import AutoReconnect

from engine.capture.codec import encode
from engine.capture.log.collection import EVENTS
from engine.capture.log.positions import Positions
from engine.capture.log.writer import EventIdConflict, EventWriter, PositionConflict
from engine.store.collection import create_collections
from tests.engine.capture.appending import append_until_stored, new_event, open_appender

STRIDE = 17_592_186_044_416
LEADS = [f"lead-{number}" for number in range(24)]


@pytest.fixture(params=[2, 256])
def partitions(request):
    return request.param


@pytest.fixture
async def writer(runtime, partitions):
    """The writer of a log of several partitions, in a database in which there is nothing else: so it is dropped afterwards."""
    database = runtime.store.database
    await database.client.drop_database(database)
    await create_collections(database, [EVENTS], partitions=partitions)
    return EventWriter(database, partitions)


def _partition(lead_id: str, partitions: int) -> int:
    return blake2b(lead_id.encode(), digest_size=4).digest()[0] * partitions // 256


async def _stored(runtime):
    """The numbers of the events of each partition, once it is sure that every document says where it is."""
    numbers = defaultdict(list)
    async for doc in runtime.store.database["events"].find({}).sort("_id", 1):
        assert doc["p"] == doc["_id"] // STRIDE
        numbers[doc["p"]].append(doc["_id"] % STRIDE)
    return numbers


async def _require_no_gap(runtime, partitions, events):
    numbers = await _stored(runtime)
    assert sum(map(len, numbers.values())) == events
    for partition, found in numbers.items():
        assert found == list(range(1, len(found) + 1)), partition
    async for doc in runtime.store.database["events"].find({}, {"leadId": 1, "p": 1}):
        assert doc["p"] == _partition(doc["leadId"], partitions)


async def test_events_of_one_call_are_stored_in_their_partitions_and_answered_in_their_order(
    runtime, writer, partitions
):
    async with open_appender(runtime, writer) as appender:
        for call in range(3):
            events = [new_event(f"{lead}-{call}", lead_id=lead) for lead in LEADS]
            results = await appender.append(events)
            assert [(one.event_id, one.status) for one in results] == [
                (one.event_id, "accepted") for one in events
            ]
            assert [one.position // STRIDE for one in results] == [
                _partition(lead, partitions) for lead in LEADS
            ]
    await _require_no_gap(runtime, partitions, 3 * len(LEADS))


async def test_several_processes_leave_no_gap_and_lose_nothing(runtime, writer, partitions):
    async def send(appender, sender):
        await asyncio.gather(
            *(
                append_until_stored(
                    appender, [new_event(f"{sender}-{lead}-{number}", lead_id=lead) for number in range(n)]
                )
                for n, lead in enumerate(LEADS[:12], 1)
            )
        )

    async with (
        open_appender(runtime, writer, batch_events=50, queue_events=1000) as one,
        open_appender(runtime, EventWriter(runtime.store.database, partitions), queue_events=1000) as other,
    ):
        await asyncio.gather(send(one, "one"), send(other, "other"))
    await _require_no_gap(runtime, partitions, 2 * sum(range(1, 13)))


async def test_an_event_id_is_an_idempotency_key_within_its_partition(runtime, writer, partitions):
    ada, bob = (
        "lead-0",
        next(one for one in LEADS if _partition(one, partitions) != _partition("lead-0", partitions)),
    )
    async with open_appender(runtime, writer) as appender:
        (first,) = await appender.append([new_event("a", lead_id=ada)])
        repeats = await appender.append(
            [new_event("b", lead_id=ada), new_event("a", lead_id=ada), new_event("a", lead_id=bob)]
        )
        (changed,) = await appender.append([new_event("a", lead_id=ada, body_hash="other")])
    assert [one.status for one in repeats] == ["accepted", "duplicate", "accepted"]
    assert repeats[1].position == first.position
    assert (changed.status, changed.position) == ("conflict", first.position)
    await _require_no_gap(runtime, partitions, 3)


async def test_lone_events_before_and_behind_a_repeat_are_stored(runtime, writer, partitions):
    async with open_appender(runtime, writer, linger_seconds=0.01, batch_events=100) as appender:
        await asyncio.gather(*(appender.append([new_event(f"first-{one}", lead_id=one)]) for one in LEADS))
        results = await asyncio.gather(
            *(
                appender.append([new_event(name, lead_id=lead)])
                for lead in LEADS
                for name in (f"first-{lead}", f"second-{lead}")
            )
        )
    assert [one.status for (one,) in results] == ["duplicate", "accepted"] * len(LEADS)
    await _require_no_gap(runtime, partitions, 2 * len(LEADS))


async def test_what_is_stored_though_its_answer_is_lost_is_found(runtime, writer, partitions):
    class Lossy(EventWriter):
        is_lost = False

        async def append(self, events, positions, session=None):
            await super().append(events, positions, session)
            if self.is_lost:
                self.is_lost = False
                raise AutoReconnect("the answer is lost")

    lossy = Lossy(runtime.store.database, partitions)
    positions = Positions(runtime.store.client, lossy)
    await positions.store([encode(new_event(f"a-{one}", lead_id=one)) for one in LEADS], alone=True)
    lossy.is_lost = True
    again = [encode(new_event(f"b-{one}", lead_id=one)) for one in LEADS]
    results = await positions.store(again, alone=True)
    assert {one.status for one in results} == {"duplicate"}
    await _require_no_gap(runtime, partitions, 2 * len(LEADS))


async def test_a_refusal_names_what_is_stored_before_it(runtime, writer):
    events = [encode(new_event(name, lead_id=name)) for name in ("a", "b", "c")]
    await writer.append(events[:1], [STRIDE + 1])
    with pytest.raises(PositionConflict) as refused:
        await writer.append(events[1:], [1, STRIDE + 1])
    assert refused.value.stored == 1
    with pytest.raises(EventIdConflict) as refused:
        await writer.append([events[2], events[0]], [2, STRIDE + 2])
    assert refused.value.stored == 1
    assert await writer.newest([0, 1]) == {0: 2, 1: STRIDE + 1}


async def test_a_partitioned_document_is_as_an_encoder_would_write_it(runtime, writer):
    await writer.append([encode(new_event("a", n=1))], [STRIDE + 7])
    (document,) = [one async for one in runtime.store.database["events"].find({})]
    raw = await runtime.store.database["events"].find_raw_batches({}).next()
    assert list(document)[:2] == ["_id", "p"]
    assert raw == to_bson({**document, "_id": Int64(document["_id"])})


async def test_without_indexes_that_begin_with_the_partition_the_same_id_of_two_leads_is_refused(
    runtime, writer
):
    """The control of the index: that of one partition tells other leads apart by nothing."""
    database = runtime.store.database
    await database["events"].drop()
    await create_collections(database, [EVENTS])
    await writer.append([encode(new_event("a", lead_id="ada"))], [1])
    with pytest.raises(EventIdConflict):
        await writer.append([encode(new_event("a", lead_id="bob"))], [STRIDE + 1])
