"""The newest positions are those that are stored, whatever was found before; only partitions that moved are searched."""

from __future__ import annotations

import pytest

from engine.capture.log import newest as module
from engine.capture.log.newest import NewestPositions

STRIDE = 2**44
PARTITIONS = 8


@pytest.fixture
def events(runtime):
    return runtime.store.database["events"]


@pytest.fixture
def newest(events):
    return NewestPositions(events, PARTITIONS)


@pytest.fixture
def searched(monkeypatch):
    """The partitions of each search."""
    searches, search = [], module.newest_positions

    async def noted(collection, partitions):
        searches.append(list(partitions))
        return await search(collection, partitions)

    monkeypatch.setattr(module, "newest_positions", noted)
    return searches


async def _store(events, partition, *numbers):
    await events.insert_many(
        {"_id": partition * STRIDE + one, "p": partition, "eventId": f"{partition}-{one}"} for one in numbers
    )


def _places(**numbers):
    return {
        partition: partition * STRIDE + numbers.get(f"p{partition}", 0) for partition in range(PARTITIONS)
    }


async def test_what_rests_is_not_searched_again(newest, events, searched):
    await _store(events, 2, 1, 2, 3)
    assert await newest.of(range(PARTITIONS)) == _places(p2=3)
    assert await newest.of(range(PARTITIONS)) == _places(p2=3)
    assert searched == [list(range(PARTITIONS))]


async def test_what_has_moved_a_little_is_read_on(newest, events, searched):
    await _store(events, 2, 1, 2, 3)
    await newest.of(range(PARTITIONS))
    await _store(events, 2, 4)
    await _store(events, 5, *range(1, 32))
    assert await newest.of(range(PARTITIONS)) == _places(p2=4, p5=31)
    assert len(searched) == 1


async def test_what_has_moved_far_is_searched_and_nothing_else(newest, events, searched):
    await _store(events, 2, 1, 2, 3)
    await newest.of(range(PARTITIONS))
    await _store(events, 2, *range(4, 100))
    await _store(events, 5, *range(1, 33))
    await _store(events, 6, 1)
    assert await newest.of(range(PARTITIONS)) == _places(p2=99, p5=32, p6=1)
    assert searched[1:] == [[2, 5]]


async def test_a_group_is_asked_for_by_itself(newest, events, searched):
    await _store(events, 2, 1)
    await newest.of([0, 1])
    assert await newest.of([1, 2]) == {1: STRIDE, 2: 2 * STRIDE + 1}
    assert searched == [[0, 1], [2]]


@pytest.mark.parametrize("left", [0, 1, 2])
async def test_a_store_that_was_restored_is_behind_what_was_found(newest, events, left):
    await _store(events, 2, 1, 2, 3)
    await newest.of(range(PARTITIONS))
    await events.delete_many({"_id": {"$gt": 2 * STRIDE + left}})
    assert await newest.of(range(PARTITIONS)) == _places(p2=left)


async def test_the_control_without_a_look_at_the_position_itself_a_restored_store_is_not_noticed(
    newest, events, monkeypatch
):
    monkeypatch.setattr(module, "number_of", lambda _: 0)
    await _store(events, 2, 1, 2, 3)
    await newest.of(range(PARTITIONS))
    await events.delete_many({"_id": {"$gt": 2 * STRIDE + 1}})
    assert await newest.of(range(PARTITIONS)) == _places(p2=3)


async def test_a_log_of_one_partition_is_asked_for_its_newest_event(events, searched):
    one = NewestPositions(events, 1)
    await events.insert_one({"_id": 7, "eventId": "a"})
    assert await one.of([0]) == {0: 7}
    await events.insert_one({"_id": 8, "eventId": "b"})
    assert await one.of([0]) == {0: 8}
    assert searched == []
