"""Senders repeat themselves over and over, through two API processes; each event is stored once."""

from __future__ import annotations

import itertools
import random
import time

import pytest

from tests.faults.harness.figures import measured
from tests.faults.harness.load import drawn_events, send_all
from tests.ports import free_port


async def _storm(engine, seed: int, *, unique: int, times: int, named: bool = True) -> int:
    """Send each event so many times, in random order, through two processes. Returns how many were sent."""
    port = free_port()
    await engine.start("api-2", port=port)
    urls = [engine.url, engine.url_of(port)]
    await engine.ready(urls[1])
    events = list(itertools.islice(drawn_events(seed, leads=200, repeats=0), unique)) * times
    random.Random(seed).shuffle(events)
    if not named:
        events = [{key: value for key, value in event.items() if key != "eventId"} for event in events]
    began = time.monotonic()
    await send_all(urls, engine.ledger, events, writers=8, at_once=100)
    measured(f"{len(events)} events sent, {unique} different", time.monotonic() - began)
    await engine.kill("api-2")
    return len(events)


async def _stored(engine) -> int:
    return await engine.truth.store.database["events"].count_documents({"source": {"$ne": "lead-engine"}})


async def test_5000_events_of_which_nine_in_ten_are_repeats_are_stored_500_times(engine, seed):
    before = await _stored(engine)
    assert await _storm(engine, seed, unique=500, times=10) == 5000
    assert await _stored(engine) == before + 500
    await engine.check(within=60)


@pytest.mark.long
async def test_50000_events_of_which_nine_in_ten_are_repeats_are_stored_5000_times(engine, seed):
    before = await _stored(engine)
    assert await _storm(engine, seed, unique=5000, times=10) == 50_000
    assert await _stored(engine) == before + 5000
    await engine.check(within=60)


async def test_control_events_without_an_id_are_stored_each_time(new_engine, seed):
    async with new_engine() as engine:
        await engine.start("api")
        await engine.ready()
        assert await _storm(engine, seed, unique=100, times=3, named=False) == 300
        assert await _stored(engine) == 300
