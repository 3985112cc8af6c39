"""Shard keys, zones and transactions of the plan on real shards: what they promise, and what goes on when one is killed.

Through the test router unless `MONGOS` names a real one (tests/cluster/router.py).
"""

from __future__ import annotations

import asyncio

import pytest
from pymongo import ASCENDING, IndexModel
from pymongo.errors import BulkWriteError, DuplicateKeyError, OperationFailure, PyMongoError

from domain.errors import Conflict, Invalid
from engine.schema import COLLECTIONS
from engine.store.collection import CollectionSpec, Distribution
from engine.store.sharding.apply import move_partition, set_up
from engine.store.sharding.check import layout_of, problems
from engine.store.sharding.cluster import read_cluster
from engine.store.sharding.plan import CHUNK_MIB

PARTITIONS = 4
PER_PARTITION = 1 << 44
LOG = CollectionSpec("log", Distribution.BY_LEAD, (IndexModel([("eventId", ASCENDING)], unique=True),))
LEADS = CollectionSpec("leads", Distribution.BY_LEAD)
BY_HASH = CollectionSpec("identities", Distribution.BY_ID)
SPECS = (LOG, LEADS, BY_HASH, CollectionSpec("rules", Distribution.UNSHARDED))


async def made(database, specs=SPECS, shards=("a", "b"), partitions=PARTITIONS):
    return await set_up(
        database, specs, partitions=partitions, shards=shards, chunk_mib=CHUNK_MIB, on_step=lambda _: None
    )


def event(partition, number, name=None):
    return {
        "_id": partition * PER_PARTITION + number,
        "p": partition,
        "eventId": name or f"event-{partition}-{number}",
    }


async def on_shard(cluster, name, collection, query):
    """How many documents a shard itself holds, asked behind the router's back."""
    async with cluster.shards[name].client() as client:
        database = client[collection.database.name]
        return await database[collection.name].count_documents(query)


async def test_every_collection_of_the_engine_is_set_up_and_found_right(database):
    assert await made(database, COLLECTIONS, partitions=256) == ("a",) * 128 + ("b",) * 128
    state = await read_cluster(database)
    assert problems(state, COLLECTIONS) == []
    assert set(state.collections) == {
        spec.name for spec in COLLECTIONS if spec.distribution is not Distribution.UNSHARDED
    }
    assert await made(database, COLLECTIONS, shards=(), partitions=256) == layout_of(state, COLLECTIONS, 256)
    assert "eventId_1" not in await database["events"].index_information()


async def test_documents_of_a_partition_are_on_its_shard(database, cluster):
    await made(database)
    await database["log"].insert_many([event(p, n) for p in range(PARTITIONS) for n in (1, 2, 3)])
    assert await on_shard(cluster, "a", database["log"], {"p": {"$lt": 2}}) == 6
    assert await on_shard(cluster, "b", database["log"], {"p": {"$gte": 2}}) == 6
    assert await on_shard(cluster, "a", database["log"], {}) == 6
    found = database["log"].find({"p": 3}).sort("_id")
    assert [doc["_id"] - 3 * PER_PARTITION async for doc in found] == [1, 2, 3]


async def test_a_position_and_an_event_id_are_taken_once_in_a_partition(database):
    await made(database)
    await database["log"].insert_many([event(0, 1), event(3, 1)])
    with pytest.raises(DuplicateKeyError):
        await database["log"].insert_one(event(3, 1, "another"))
    with pytest.raises(DuplicateKeyError):
        await database["log"].insert_one(event(3, 2, "event-3-1"))
    await database["log"].insert_one(event(1, 1, "event-3-1"))  # of another lead: found afterwards


async def test_the_control_a_position_without_its_partition_in_it_is_taken_twice(database):
    await made(database)
    await database["log"].insert_one({"_id": 1, "p": 0, "eventId": "one"})
    await database["log"].insert_one({"_id": 1, "p": 3, "eventId": "two"})
    assert len([doc async for doc in database["log"].find({"_id": 1})]) == 2


async def test_a_unique_index_without_the_partition_is_refused(database):
    await made(database)
    with pytest.raises(OperationFailure, match="shard key"):
        await database["log"].create_index("eventId", unique=True)


async def in_transaction(database, *inserts):
    async def body(session):
        for collection, document in inserts:
            await database[collection].insert_one(document, session=session)

    async with database.client.start_session() as session:
        await session.with_transaction(body)


async def test_a_transaction_on_one_shard_commits_and_one_over_two_is_refused(database, router):
    await made(database)
    await in_transaction(database, ("log", event(3, 1)), ("leads", {"_id": "ada", "p": 3}))
    assert await database["leads"].find_one({"_id": "ada"})
    if router[1] is None:
        return  # mongos would commit it on both
    with pytest.raises(OperationFailure, match=r"is for \['a'\], and the transaction is on b"):
        await in_transaction(database, ("log", event(3, 2)), ("leads", {"_id": "bob", "p": 0}))
    assert await database["log"].find_one({"_id": 3 * PER_PARTITION + 2}) is None
    with pytest.raises(OperationFailure, match=r"is for \['a', 'b'\]"):
        await in_transaction(database, ("log", {"_id": 9, "eventId": "of no partition"}))


async def append(database, partition, numbers, accepted, *, patience):
    """Take the next positions one after the other until each is taken; what was answered goes to `accepted`."""
    number = 1
    while number <= numbers:
        try:
            await database["log"].insert_one(event(partition, number))
        except DuplicateKeyError:
            pass  # an attempt before was stored, and its answer lost
        except PyMongoError:
            if not patience.is_set():
                return
            await asyncio.sleep(0.05)
            continue
        accepted.append((partition, number))
        number += 1


async def test_the_other_half_goes_on_while_a_shard_is_dead_and_nothing_is_lost_or_twice(database, cluster):
    await made(database)
    accepted, patience = [], asyncio.Event()
    patience.set()
    writers = [
        asyncio.create_task(append(database, p, 100, accepted, patience=patience)) for p in range(PARTITIONS)
    ]
    while not all((p, 10) in accepted for p in range(PARTITIONS)):
        await asyncio.sleep(0.01)
    await cluster.shards["b"].kill()
    async with asyncio.timeout(120):
        await asyncio.gather(*writers[:2])  # those of the shard that lives
    assert not writers[2].done()
    assert not writers[3].done()
    await cluster.shards["b"].start()
    async with asyncio.timeout(120):
        await asyncio.gather(*writers[2:])
    for p in range(PARTITIONS):
        stored = [doc["_id"] async for doc in database["log"].find({"p": p}).sort("_id")]
        assert stored == [p * PER_PARTITION + n for n in range(1, 101)]
    assert len(accepted) == PARTITIONS * 100


async def test_a_partition_moves_under_load_with_all_its_collections(database, cluster):
    await made(database, shards=("a", "b"))
    await database["leads"].insert_many([{"_id": f"lead-{p}", "p": p} for p in range(PARTITIONS)])
    accepted, patience = [], asyncio.Event()
    patience.set()
    writers = [
        asyncio.create_task(append(database, p, 150, accepted, patience=patience)) for p in range(PARTITIONS)
    ]
    while (1, 10) not in accepted:
        await asyncio.sleep(0.01)
    await move_partition(database, SPECS, partitions=PARTITIONS, partition=1, to="c", on_step=lambda _: None)
    async with asyncio.timeout(120):
        await asyncio.gather(*writers)
    state = await read_cluster(database)
    assert problems(state, SPECS) == []
    assert layout_of(state, SPECS, PARTITIONS) == ("a", "c", "b", "b")
    assert await on_shard(cluster, "c", database["log"], {}) == 150
    assert await on_shard(cluster, "c", database["leads"], {"_id": "lead-1"}) == 1
    stored = [doc["_id"] async for doc in database["log"].find({"p": 1}).sort("_id")]
    assert stored == [PER_PARTITION + n for n in range(1, 151)]
    await in_transaction(database, ("log", event(1, 151)), ("leads", {"_id": "new", "p": 1}))


async def test_the_control_collections_that_part_from_their_leads_are_noticed(database):
    await made(database)
    await database.client.admin.command("balancerStop")
    try:
        command = {"moveRange": f"{database.name}.leads", "min": {"p": 2}, "max": {"p": 3}, "toShard": "a"}
        await database.client.admin.command(command)
        found = problems(await read_cluster(database), SPECS)
    finally:
        await database.client.admin.command("balancerStart")
    assert found == [
        "leads has partition 2 on a, log has it on b: its leads are parted",
        "leads has partition 2 on a, its zone is b: the balancer is not done, or off",
    ]


async def test_documents_without_a_partition_are_refused_and_nothing_is_changed(database):
    await database["log"].insert_one({"_id": 1, "eventId": "one"})
    with pytest.raises(Conflict, match="log holds documents without p"):
        await made(database)
    assert (await read_cluster(database)).collections == {}


async def test_a_collection_that_is_sharded_by_another_key_is_refused(database):
    await database.client.admin.command("enableSharding", database.name)
    await database.client.admin.command("shardCollection", f"{database.name}.leads", key={"_id": "hashed"})
    with pytest.raises(Conflict, match=r"leads is sharded by \{'_id': 'hashed'\}, and must be by \{'p': 1\}"):
        await made(database)
    assert set((await read_cluster(database)).collections) == {"leads"}


async def test_shards_and_partitions_that_the_cluster_has_not_are_refused(database):
    with pytest.raises(Invalid, match="z is no shard of this cluster, which has a, b, c"):
        await made(database, shards=("a", "z"))
    await made(database)
    with pytest.raises(Invalid, match="lead-engine shard move"):
        await made(database, shards=("a", "b", "c"))
    with pytest.raises(Invalid, match="not those of 2 partitions"):
        await made(database, shards=(), partitions=2)
    with pytest.raises(Invalid, match="partition: a number from 0 to 3"):
        await move_partition(database, SPECS, partitions=4, partition=4, to="c", on_step=lambda _: None)


async def test_ordered_inserts_of_a_partition_leave_no_hole(database):
    await made(database)
    await database["log"].insert_one(event(2, 3))
    with pytest.raises(BulkWriteError):
        await database["log"].insert_many([event(2, n, f"other-{n}") for n in (1, 2, 3, 4)])
    stored = [doc["_id"] - 2 * PER_PARTITION async for doc in database["log"].find({"p": 2}).sort("_id")]
    assert stored == [1, 2, 3]
