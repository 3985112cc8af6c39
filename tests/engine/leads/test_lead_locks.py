"""Within a process a lead is folded by one message at a time, and no message is forgotten."""

from __future__ import annotations

import asyncio

from engine.leads.lead_locks import LeadLocks


async def test_free_leads_are_taken_at_once_and_in_order():
    turns = LeadLocks()
    assert await turns.begin(turns.join(["b", "a"])) == ["a", "b"]


async def test_a_lead_under_way_is_waited_for_while_the_others_go_on():
    turns = LeadLocks()
    await turns.begin(turns.join(["a"]))
    waiting = turns.join(["a", "b"])
    assert await turns.begin(waiting) == ["b"]
    later = asyncio.create_task(turns.begin({"a"}))
    await asyncio.sleep(0)
    assert not later.done()
    turns.end(["a"])
    assert await asyncio.wait_for(later, 1) == ["a"]


async def test_one_waiter_a_lead_is_enough():
    turns = LeadLocks()
    await turns.begin(turns.join(["a"]))
    assert turns.join(["a"]) == {"a"}
    assert turns.join(["a", "b"]) == {"b"}


async def test_once_the_waiter_has_begun_the_next_one_waits_again():
    turns = LeadLocks()
    await turns.begin(turns.join(["a"]))
    assert turns.join(["a"]) == {"a"}


async def test_who_leaves_makes_room_for_another_waiter():
    turns = LeadLocks()
    await turns.begin(turns.join(["a"]))
    turns.leave(turns.join(["a"]))
    assert turns.join(["a"]) == {"a"}


async def test_of_many_waiters_for_different_leads_each_wakes_up_for_its_own():
    turns = LeadLocks()
    await turns.begin(turns.join(["a", "b"]))
    one, two = (asyncio.create_task(turns.begin(turns.join([lead]))) for lead in ("a", "b"))
    await asyncio.sleep(0)
    turns.end(["b"])
    assert await asyncio.wait_for(two, 1) == ["b"]
    assert not one.done()
    turns.end(["a"])
    assert await asyncio.wait_for(one, 1) == ["a"]
