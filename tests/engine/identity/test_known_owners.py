"""Owners of identifiers are remembered until any was removed, and what was read before a removal is not kept behind it."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from domain.identity.identifier import Identifier
from engine.identity import known_owners
from engine.identity.known_owners import KnownOwners
from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.privacy.erase import erase_personal_data


class Stored:
    """What a database would answer, and how often it was asked."""

    def __init__(self):
        self.values, self.removals, self.loads = {"a": 1, "b": 2}, 0, []
        self.hold = None

    async def count(self):
        return self.removals

    async def load(self, keys):
        self.loads.append(sorted(keys))
        found = {key: self.values[key] for key in keys if key in self.values}
        if self.hold:
            await self.hold.wait()
        return found


@pytest.fixture
def stored():
    return Stored()


@pytest.fixture
def known(stored, monkeypatch):
    monkeypatch.setattr(known_owners, "FRESH_SECONDS", 0)
    return KnownOwners(stored.count, stored.load)


async def test_what_is_known_is_asked_once_and_what_nobody_has_each_time(stored, known):
    for _ in range(2):
        assert await known.of(["a", "c"]) == {"a": 1}
    assert await known.of(["a", "b"]) == {"a": 1, "b": 2}
    assert stored.loads == [["a", "c"], ["c"], ["b"]]


async def test_a_removal_empties_the_memory(stored, known):
    await known.of(["a"])
    del stored.values["a"]
    stored.removals += 1
    assert await known.of(["a"]) == {}


async def test_control_without_the_number_of_removals_it_would_go_on(stored, known):
    await known.of(["a"])
    del stored.values["a"]
    assert await known.of(["a"]) == {"a": 1}


async def test_a_read_that_began_before_a_removal_is_not_kept(stored, known):
    stored.hold = asyncio.Event()
    slow = asyncio.create_task(known.of(["a"]))
    while not stored.loads:
        await asyncio.sleep(0)
    del stored.values["a"]
    stored.removals += 1
    quick = asyncio.create_task(known.of(["b"]))
    stored.hold.set()
    assert (await slow, await quick) == ({"a": 1}, {"b": 2})
    assert await known.of(["a"]) == {}


async def test_the_memory_is_bounded_and_the_oldest_go_first(stored, known, monkeypatch):
    monkeypatch.setattr(known_owners, "MAX_KNOWN", 2)
    stored.values["c"] = 3
    for key in ("a", "b", "c", "b", "a"):
        await known.of([key])
    assert stored.loads == [["a"], ["b"], ["c"], ["a"]]


@pytest.mark.parametrize("fresh", [0, 1_000])
async def test_an_erasure_by_another_process_counts_once_it_is_known(settings, runtime, monkeypatch, fresh):
    """With a thousand seconds, the control, the memory would send the event to the person who was erased."""
    monkeypatch.setattr(known_owners, "FRESH_SECONDS", fresh)
    said = {"email": "ada@example.com"}

    async def lead(of):
        (result,) = await ingest(of, [EventInput(type="page_view", identifiers=said)])
        return result.lead_id

    async with contextlib.AsyncExitStack() as opened:
        other = await opened.enter_async_context(open_runtime(settings))
        first = await lead(other)
        assert await lead(other) == first
        await erase_personal_data(runtime, ENGINE, first)
        assert await runtime.identity.identities.owners([Identifier("email", "ada@example.com")]) == {}
        assert (await lead(other) == first) is (fresh > 0)
        assert await lead(runtime) != first
