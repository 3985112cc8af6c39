"""The append of a log of several partitions on a sharded cluster: single events, and batches of one lead."""

from __future__ import annotations

from collections import defaultdict

from engine.capture.log.appender import Appender
from engine.capture.log.collection import EVENTS
from engine.capture.log.writer import EventWriter
from engine.store.sharding.apply import set_up
from engine.store.sharding.plan import CHUNK_MIB
from tests.engine.capture.appending import new_event

PARTITIONS = 4
STRIDE = 17_592_186_044_416
LEADS = [f"lead-{number}" for number in range(16)]


async def test_positions_have_no_gap_in_each_partition_and_each_is_on_its_shard(database, cluster, router):
    await set_up(
        database,
        [EVENTS],
        partitions=PARTITIONS,
        shards=("a", "b"),
        chunk_mib=CHUNK_MIB,
        on_step=lambda _: None,
    )
    appender = Appender(
        database.client,
        EventWriter(database, PARTITIONS),
        batch_events=10,
        linger_seconds=0,
        queue_events=100,
        stored=lambda: None,
    )
    appender.start()
    try:
        for lead in LEADS:  # one after the other: a commit of several leads may be for two shards
            await appender.append([new_event(f"single-{lead}", lead_id=lead)])
            await appender.append([new_event(f"{lead}-{number}", lead_id=lead) for number in range(3)])
        again = await appender.append([new_event("single-lead-0", lead_id="lead-0")])
        assert [one.status for one in again] == ["duplicate"]
    finally:
        await appender.close()
    numbers = defaultdict(list)
    async for event in database["events"].find().sort("_id"):
        assert event["p"] == event["_id"] // STRIDE
        numbers[event["p"]].append(event["_id"] % STRIDE)
    assert sorted(numbers) == list(range(PARTITIONS))
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert sum(map(len, numbers.values())) == 4 * len(LEADS)
    for name, held in {"a": (0, 1), "b": (2, 3)}.items():
        async with cluster.shards[name].client() as client:
            stored = await client[database.name]["events"].distinct("p")
        assert stored == list(held)
    if router[1]:
        assert min(router[1].transactions[name] for name in ("a", "b")) > 0
