"""Many callers share few questions, and none of them gets an answer from before it asked."""

from __future__ import annotations

import asyncio

import pytest

from engine.store.batch_loader import BatchLoader


class Oracle:
    """Answers when it is let, and remembers what it was asked."""

    def __init__(self):
        self.asked = []
        self.may_answer = asyncio.Event()

    async def __call__(self, wanted):
        self.asked.append(sorted(wanted))
        await self.may_answer.wait()
        if "bad" in wanted:
            raise ValueError("bad")
        return {name: len(self.asked) for name in wanted}


@pytest.fixture
def oracle():
    return Oracle()


async def begun(*callers):
    """The callers as tasks that have come as far as they can."""
    tasks = [asyncio.create_task(caller) for caller in callers]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def test_who_asks_alone_is_answered_at_once(oracle):
    oracle.may_answer.set()
    rounds = BatchLoader(oracle, most=100)
    assert await rounds.load(["ada"]) == {"ada": 1}
    assert await rounds.load(["ada"]) == {"ada": 2}, "nothing is remembered"


async def test_those_who_ask_while_an_answer_is_on_its_way_share_the_next_one(oracle):
    rounds = BatchLoader(oracle, most=100)
    first = await begun(rounds.load(["a"]))
    others = await begun(*(rounds.load([name, "a"]) for name in "bcd"))
    oracle.may_answer.set()
    assert await first[0] == {"a": 1}
    for answer in await asyncio.gather(*others):
        assert answer == dict.fromkeys("abcd", 2)
    assert oracle.asked == [["a"], ["a", "b", "c", "d"]]


async def test_a_failed_round_fails_for_those_who_share_it_and_the_next_one_is_asked_all_the_same(oracle):
    rounds = BatchLoader(oracle, most=100)
    first = await begun(rounds.load(["bad"]))
    others = await begun(rounds.load(["a"]))
    oracle.may_answer.set()
    with pytest.raises(ValueError, match="bad"):
        await first[0]
    assert await others[0] == {"a": 2}


async def test_a_caller_that_gives_up_leaves_the_others_their_answer(oracle):
    rounds = BatchLoader(oracle, most=100)
    impatient, patient = await begun(rounds.load(["a"]), rounds.load(["b"]))
    impatient.cancel()
    oracle.may_answer.set()
    assert (await patient)["b"] == 1
    assert impatient.cancelled()


async def test_a_round_takes_so_many_names_and_more_only_of_a_single_caller(oracle):
    oracle.may_answer.set()
    rounds = BatchLoader(oracle, most=3)
    answers = await asyncio.gather(*(rounds.load(names) for names in ("ab", "c", "d", "efgh", "i")))
    assert oracle.asked == [["a", "b", "c"], ["d"], ["e", "f", "g", "h"], ["i"]]
    assert answers[2] == {"d": 2}


async def test_a_round_that_everybody_has_given_up_is_not_asked(oracle):
    rounds = BatchLoader(oracle, most=2)
    first = await begun(rounds.load("a"))
    given_up = await begun(*(rounds.load([f"{n}", f"{n}!"]) for n in range(50)))
    patient = await begun(rounds.load("b"))
    for caller in given_up:
        caller.cancel()
    await asyncio.wait(given_up)
    oracle.may_answer.set()
    assert (await first[0], await patient[0]) == ({"a": 1}, {"b": 2})
    assert oracle.asked == [["a"], ["b"]]


async def test_rounds_begin_apart_and_who_asks_in_between_shares_the_next_one(oracle):
    oracle.may_answer.set()
    rounds = BatchLoader(oracle, most=100, apart_seconds=0.6)
    clock = asyncio.get_running_loop()
    began = clock.time()
    assert await rounds.load("a") == {"a": 1}
    assert clock.time() - began < 0.5
    others = []
    for name in "bcd":
        others += await begun(rounds.load(name))
        await asyncio.sleep(0.02)
    assert oracle.asked == [["a"]]
    await asyncio.gather(*others)
    assert clock.time() - began >= 0.6
    assert oracle.asked == [["a"], ["b", "c", "d"]]


async def test_a_round_that_is_given_up_before_its_time_is_not_asked_and_the_next_one_is(oracle):
    oracle.may_answer.set()
    rounds = BatchLoader(oracle, most=100, apart_seconds=0.1)
    await rounds.load("a")
    (given_up,) = await begun(rounds.load("b"))
    given_up.cancel()
    await asyncio.sleep(0.2)
    assert await rounds.load("c") == {"c": 2}
    assert oracle.asked == [["a"], ["c"]]
