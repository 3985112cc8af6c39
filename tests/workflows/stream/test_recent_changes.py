"""Recent changes: a client that keeps up shares batches with others, one that is behind gets them as one."""

from __future__ import annotations

import asyncio

from domain.events.log_cursor import LogCursor
from workflows.stream.recent_changes import MAX_BATCHES, MAX_LEADS, Changes, RecentChanges, batch_interval


def test_one_batch_is_given_as_it_is_to_everybody():
    recent, batch = RecentChanges(), Changes({"ada": 1}, LogCursor((1,)))
    recent.add(batch)
    assert recent.since(0) is batch


def test_several_batches_are_given_as_one_with_each_lead_once():
    recent = RecentChanges()
    recent.add(Changes({"ada": 1, "ben": 2}, LogCursor((2,))))
    recent.add(Changes({"ada": 3}, LogCursor((3,))))
    changes = recent.since(0)
    assert changes is not None
    assert (changes.leads, changes.place) == ({"ada": 3, "ben": 2}, LogCursor((3,)))
    assert recent.since(0) is changes, "the same for everybody who is as far behind"
    recent.add(Changes({"ada": 4}, LogCursor((4,))))
    again = recent.since(0)
    assert again is not None
    assert again.leads == {"ada": 4, "ben": 2}


def test_a_client_further_behind_than_what_is_kept_is_lost():
    recent = RecentChanges()
    for number in range(MAX_BATCHES + 1):
        recent.add(Changes({"ada": number}, LogCursor((number,))))
    assert recent.since(0) is None
    assert recent.since(1) is not None, "the control: what is kept can be read"


def test_what_is_kept_is_bounded_by_the_number_of_leads_too():
    recent = RecentChanges()
    recent.add(Changes(dict.fromkeys(map(str, range(MAX_LEADS)), 1), LogCursor((1,))))
    recent.add(Changes({"ada": 2}, LogCursor((2,))))
    assert recent.since(0) is None


def test_after_forgetting_every_client_is_lost_once():
    recent = RecentChanges()
    recent.add(Changes({"ada": 1}, LogCursor((1,))))
    number = recent.next_number
    recent.forget()
    assert recent.since(number) is None
    recent.add(Changes({"ada": 2}, LogCursor((2,))))
    assert recent.since(recent.next_number - 1) is not None


async def test_a_client_that_waits_is_woken_by_a_batch():
    recent = RecentChanges()
    waiting = asyncio.create_task(recent.wait())
    await asyncio.sleep(0)
    recent.add(Changes({"ada": 1}, LogCursor((1,))))
    await asyncio.wait_for(waiting, 5)


def test_batches_are_fewer_for_many_clients_within_bounds():
    intervals = [batch_interval(clients) for clients in (1, 250, 500, 1000, 10_000)]
    assert intervals == [0.1, 0.1, 0.2, 0.4, 0.5]
