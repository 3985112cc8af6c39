"""Concurrent callers share queries, and none of them gets a value from before its call."""

from __future__ import annotations

import asyncio

import pytest

from engine.store.batch_loader import BatchLoader


class Query:
    """Returns when the test lets it, and remembers the keys of each call."""

    def __init__(self):
        self.calls = []
        self.may_return = asyncio.Event()

    async def __call__(self, keys):
        self.calls.append(sorted(keys))
        await self.may_return.wait()
        if "bad" in keys:
            raise ValueError("bad")
        return {key: len(self.calls) for key in keys}


@pytest.fixture
def query():
    return Query()


async def begun(*callers):
    """The callers as tasks that have come as far as they can."""
    tasks = [asyncio.create_task(caller) for caller in callers]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_a_single_caller_is_answered_at_once(query):
    query.may_return.set()
    loader = BatchLoader(query, max_keys=100)
    assert await loader.load(["ada"]) == {"ada": 1}
    assert await loader.load(["ada"]) == {"ada": 2}, "nothing is remembered"


async def test_callers_that_arrive_while_a_query_runs_share_the_next_one(query):
    loader = BatchLoader(query, max_keys=100)
    first = await begun(loader.load(["a"]))
    others = await begun(*(loader.load([name, "a"]) for name in "bcd"))
    query.may_return.set()
    assert await first[0] == {"a": 1}
    for answer in await asyncio.gather(*others):
        assert answer == dict.fromkeys("abcd", 2)
    assert query.calls == [["a"], ["a", "b", "c", "d"]]


async def test_a_failed_query_fails_for_the_callers_that_share_it_and_the_next_one_runs_all_the_same(query):
    loader = BatchLoader(query, max_keys=100)
    first = await begun(loader.load(["bad"]))
    others = await begun(loader.load(["a"]))
    query.may_return.set()
    with pytest.raises(ValueError, match="bad"):
        await first[0]
    assert await others[0] == {"a": 2}


async def test_a_caller_that_gives_up_leaves_the_others_their_values(query):
    loader = BatchLoader(query, max_keys=100)
    impatient, patient = await begun(loader.load(["a"]), loader.load(["b"]))
    impatient.cancel()
    query.may_return.set()
    assert (await patient)["b"] == 1
    assert impatient.cancelled()


async def test_a_batch_takes_so_many_keys_and_more_only_of_a_single_caller(query):
    query.may_return.set()
    loader = BatchLoader(query, max_keys=3)
    answers = await asyncio.gather(*(loader.load(names) for names in ("ab", "c", "d", "efgh", "i")))
    assert query.calls == [["a", "b", "c"], ["d"], ["e", "f", "g", "h"], ["i"]]
    assert answers[2] == {"d": 2}


async def test_a_batch_that_every_caller_has_given_up_is_not_queried(query):
    loader = BatchLoader(query, max_keys=2)
    first = await begun(loader.load("a"))
    given_up = await begun(*(loader.load([f"{n}", f"{n}!"]) for n in range(50)))
    patient = await begun(loader.load("b"))
    for caller in given_up:
        caller.cancel()
    await asyncio.wait(given_up)
    query.may_return.set()
    assert (await first[0], await patient[0]) == ({"a": 1}, {"b": 2})
    assert query.calls == [["a"], ["b"]]


async def test_queries_begin_an_interval_apart_and_callers_in_between_share_the_next_one(query):
    query.may_return.set()
    loader = BatchLoader(query, max_keys=100, min_interval_seconds=0.6)
    clock = asyncio.get_running_loop()
    began = clock.time()
    assert await loader.load("a") == {"a": 1}
    others = await begun(*(loader.load(name) for name in "bcd"))
    await asyncio.gather(*others)
    assert clock.time() - began >= 0.6
    assert query.calls == [["a"], ["b", "c", "d"]]


async def test_a_batch_that_is_given_up_before_its_time_is_not_queried_and_the_next_one_is(query):
    query.may_return.set()
    loader = BatchLoader(query, max_keys=100, min_interval_seconds=0.6)
    await loader.load("a")
    (given_up,) = await begun(loader.load("b"))
    given_up.cancel()
    await asyncio.sleep(0.7)
    assert await loader.load("c") == {"c": 2}
    assert query.calls == [["a"], ["c"]]
