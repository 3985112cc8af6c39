"""Frames are encoded, and owners looked up, once per batch for all streams that see the same leads."""

from __future__ import annotations

import asyncio

import pytest

from api.stream import frames
from api.stream.shared_frames import SharedFrames
from domain.events.log_cursor import LogCursor
from domain.teams.visibility import EVERY_LEAD, VisibleLeads
from workflows.stream.recent_changes import Changes

OWNERS = {"mine": "ben", "hers": "eve", "free": None}
NINE = LogCursor((9,))
CHANGES = dict.fromkeys(OWNERS, 7)
BEN, EVE = (VisibleLeads(frozenset({who})) for who in ("ben", "eve"))


class LookUp:
    """The owners of leads, and how often somebody asked. It fails as often as `failures` says."""

    def __init__(self, failures=0):
        self.failures, self.calls = failures, 0

    async def __call__(self, leads):
        self.calls += 1
        await asyncio.sleep(0)
        if self.calls <= self.failures:
            raise ConnectionError
        return {one: OWNERS[one] for one in leads}


def named(frame):
    return {one for one in OWNERS if f'"{one}"'.encode() in frame}


async def test_everybody_who_sees_all_leads_gets_the_same_bytes_and_owners_are_not_looked_up():
    look_up, batch = LookUp(), Changes(CHANGES, NINE)
    shared = SharedFrames(look_up)
    first, second = [await shared.leads(batch, EVERY_LEAD, NINE) for _ in range(2)]
    assert first is second
    assert first == frames.leads(CHANGES, NINE)
    assert look_up.calls == 0


async def test_each_caller_is_named_the_visible_leads_by_one_look_up_for_all_of_them():
    look_up, batch = LookUp(), Changes(CHANGES, NINE)
    shared = SharedFrames(look_up)
    callers = [BEN, EVE, BEN, VisibleLeads(frozenset({"zoe"}))]
    found = await asyncio.gather(*(shared.leads(batch, one, NINE) for one in callers))
    assert [named(one) for one in found] == [{"mine", "free"}, {"hers", "free"}, {"mine", "free"}, {"free"}]
    assert found[0] is found[2]
    assert look_up.calls == 1


async def test_of_a_batch_without_visible_leads_there_is_no_frame():
    shared = SharedFrames(LookUp())
    assert await shared.leads(Changes({"hers": 7}, NINE), BEN, NINE) is None


async def test_another_position_or_batch_is_another_frame():
    shared = SharedFrames(LookUp())
    batch = Changes(CHANGES, NINE)
    assert await shared.leads(batch, EVERY_LEAD, NINE) != await shared.leads(
        batch, EVERY_LEAD, LogCursor((10,))
    )
    assert named(await shared.leads(Changes({"free": 1}, NINE), EVERY_LEAD, NINE)) == {"free"}


async def test_a_stream_that_ends_while_owners_are_looked_up_ends_no_other_and_a_failure_is_not_kept():
    look_up, batch = LookUp(failures=1), Changes(CHANGES, NINE)
    shared = SharedFrames(look_up)
    with pytest.raises(ConnectionError):
        await shared.leads(batch, BEN, NINE)
    leaving = asyncio.create_task(shared.leads(batch, BEN, NINE))
    staying = asyncio.create_task(shared.leads(batch, EVE, NINE))
    await asyncio.sleep(0)
    leaving.cancel()
    assert named(await staying) == {"hers", "free"}
