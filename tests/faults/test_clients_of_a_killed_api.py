"""Real clients of other systems while the API is killed again and again: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import asyncio
import random

import pytest

from domain.capture.mapping import NO_MAPPING
from engine.capture.stored_event import StoredEvent
from engine.operations.audit_log import ENGINE
from engine.store.mongo import without_codec
from tests.clients.programs import COUNTING, counting
from workflows.sources.configure import create_source

pytestmark = pytest.mark.long

EVENTS = 200
PAUSE_MS = 20


async def _send(engine, program, seed):
    """Run the program while the API is killed. Returns the numbers of the stored events, and how often it was killed."""
    new = await create_source(engine.truth, ENGINE, "website", (), NO_MAPPING)
    url = f"http://127.0.0.1:{engine.settings.port}"
    running = asyncio.create_task(program.run(url, new.issued.token.text))
    kills, luck = 0, random.Random(seed)
    while not running.done():
        await asyncio.wait([running], timeout=luck.uniform(0.3, 1.2))
        if not running.done() and kills < 3:
            await engine.restart("api")
            await engine.ready()
            kills += 1
    await running
    events = without_codec(engine.truth.store.database["events"])
    stored = [StoredEvent.of(document).decode() async for document in events.find()]
    return [event.properties["number"] for event in stored if event.type == "Counted"], kills


@pytest.mark.parametrize("name", COUNTING)
async def test_a_client_delivers_everything_once_through_kills_of_the_api(new_engine, seed, name):
    async with new_engine() as engine:
        await engine.start("api")
        await engine.ready()
        numbers, kills = await _send(engine, counting(name, events=EVENTS, pause_ms=PAUSE_MS), seed)
        assert kills >= 2
        assert sorted(numbers) == list(range(EVENTS))


async def test_control_a_client_that_gives_up_at_once_loses_events(new_engine, seed):
    program = counting("segment-python", events=EVENTS, pause_ms=PAUSE_MS, retries=0)
    async with new_engine() as engine:
        await engine.start("api")
        await engine.ready()
        with pytest.raises(AssertionError, match="lost"):
            await _send(engine, program, seed)
