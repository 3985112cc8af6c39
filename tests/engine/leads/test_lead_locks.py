"""Within a process a lead is folded by one message at a time, and no message is forgotten."""

from __future__ import annotations

import asyncio

import pytest

from engine.leads.lead_locks import LeadLocks


@pytest.fixture
def locks():
    return LeadLocks()


async def hold(locks, *lead_ids):
    """Lock leads for the rest of the test."""
    return await locks.acquire(locks.enqueue(lead_ids))


async def test_free_leads_are_locked_at_once_and_in_order(locks):
    with locks.claim(["b", "a"]) as claim:
        async with claim.acquire() as free:
            assert free == ["a", "b"]
            assert claim.lead_ids == set()


async def test_a_lead_that_is_held_is_waited_for_while_the_others_go_on(locks):
    await hold(locks, "a")
    with locks.claim(["a", "b"]) as claim:
        async with claim.acquire() as free:
            assert free == ["b"]
        later = asyncio.create_task(claim.acquire().__aenter__())
        await asyncio.sleep(0)
        assert not later.done()
        locks.release(["a"])
        assert await asyncio.wait_for(later, 1) == ["a"]


async def test_one_waiter_per_lead_is_enough(locks):
    await hold(locks, "a")
    with locks.claim(["a"]) as first, locks.claim(["a", "b"]) as second:
        assert (first.lead_ids, second.lead_ids) == ({"a"}, {"b"})


async def test_once_the_waiter_holds_a_lead_the_next_message_waits_again(locks):
    await hold(locks, "a")
    with locks.claim(["a"]) as claim:
        assert claim.lead_ids == {"a"}


async def test_a_waiter_that_gives_up_makes_room_for_another(locks):
    await hold(locks, "a")
    with locks.claim(["a"]):
        pass
    with locks.claim(["a"]) as claim:
        assert claim.lead_ids == {"a"}


async def test_a_lead_is_free_again_when_its_holder_has_failed(locks):
    with pytest.raises(ZeroDivisionError), locks.claim(["a"]) as claim:
        async with claim.acquire():
            raise ZeroDivisionError
    assert await hold(locks, "a") == ["a"]


async def test_leads_that_are_added_are_waited_for_unless_another_message_does(locks):
    await hold(locks, "a", "b")
    with locks.claim(["a"]) as other, locks.claim([]) as claim:
        claim.add(["a", "b"])
        assert (other.lead_ids, claim.lead_ids) == ({"a"}, {"b"})


async def test_of_many_waiters_for_different_leads_each_wakes_up_for_its_own(locks):
    await hold(locks, "a", "b")
    one, two = (asyncio.create_task(hold(locks, lead)) for lead in ("a", "b"))
    await asyncio.sleep(0)
    locks.release(["b"])
    assert await asyncio.wait_for(two, 1) == ["b"]
    assert not one.done()
    locks.release(["a"])
    assert await asyncio.wait_for(one, 1) == ["a"]
