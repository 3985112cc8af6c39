"""Concurrent updates share commands, and each caller gets what is true of its own."""

from __future__ import annotations

import asyncio

import pytest
from pymongo.errors import WriteError

from engine.store.batch_updates import BatchUpdates, OneUpdate


@pytest.fixture
async def units(runtime):
    collection = runtime.store.database["units"]
    await collection.insert_many([{"_id": f"u{n}", "n": 1} for n in range(20)])
    return collection


def take(unit, worker):
    """Only one worker can take a unit."""
    return OneUpdate({"_id": unit, "by": None}, {"$set": {"by": worker}}, lambda doc: doc.get("by") == worker)


async def test_updates_at_the_same_time_are_all_made_by_few_commands(units, monkeypatch):
    calls, real = [], type(units).bulk_write

    async def counted(self, writes, **more):
        calls.append(len(writes))
        return await real(self, writes, **more)

    monkeypatch.setattr(type(units), "bulk_write", counted)
    batch = BatchUpdates(units)
    assert await asyncio.gather(*(batch.apply(take(f"u{n}", "a")) for n in range(20))) == [True] * 20
    assert sum(calls) == 20
    assert len(calls) <= 2
    assert await units.count_documents({"by": "a"}) == 20


async def test_each_caller_hears_of_its_own_update(units):
    await units.update_many({"_id": {"$in": ["u1", "u3"]}}, {"$set": {"by": "b"}})
    batch = BatchUpdates(units)
    wanted = ["u0", "u1", "u2", "u3", "missing"]
    found = await asyncio.gather(*(batch.apply(take(unit, "a")) for unit in wanted))
    assert found == [True, False, True, False, False]
    assert (await units.find_one({"_id": "u1"}))["by"] == "b"


async def test_of_two_for_the_same_document_one_is_made(units):
    batch = BatchUpdates(units)
    found = await asyncio.gather(*(batch.apply(take("u0", worker)) for worker in ("a", "b", "c")))
    assert sorted(found) == [False, False, True]


async def test_an_update_that_fails_is_for_its_own_caller(units):
    broken = OneUpdate({"_id": "u1"}, {"$push": {"n": 1}}, lambda _: False)
    batch = BatchUpdates(units)
    first, failed, other = await asyncio.gather(
        batch.apply(take("u0", "a")),
        batch.apply(broken),
        batch.apply(take("u2", "a")),
        return_exceptions=True,
    )
    assert (first, other) == (True, True)
    assert isinstance(failed, WriteError)
    assert await batch.apply(take("u3", "a")), "and nobody waits for ever"
