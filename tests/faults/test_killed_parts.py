"""Parts of the running engine are killed under load, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import importlib.util
import random
import signal
from pathlib import Path

import httpx
import pytest

POINTS = {"page_view": 1, "email_open": 3, "download": 10, "signup": 20, "demo_request": 30}


def _load(name: str):
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checker = _load("checker")


class Load:
    """Sends events from many connections, a share of them twice, as a client that repeats what failed."""

    def __init__(self, url: str, *, events: int, leads: int, seed: int) -> None:
        chance = random.Random(seed)
        self.url = url
        self.events = [
            {
                "eventId": f"e-{n}",
                "leadId": f"lead-{chance.randrange(leads)}",
                "type": chance.choice(list(POINTS)),
            }
            for n in range(events)
        ]
        self.sent = self.events + chance.sample(self.events, events // 10)
        chance.shuffle(self.sent)
        self.acknowledged: dict[str, int] = {}

    @property
    def points(self) -> dict[str, int]:
        """What each lead's score must be, worked out without the engine."""
        totals: dict[str, int] = {}
        for event in self.events:
            totals[event["leadId"]] = totals.get(event["leadId"], 0) + POINTS[event["type"]]
        return totals

    async def run(self, connections: int) -> None:
        waiting = iter(self.sent)

        async def send(client: httpx.AsyncClient) -> None:
            for event in waiting:
                await self._send(client, event)

        limits = httpx.Limits(max_connections=connections)
        async with httpx.AsyncClient(base_url=self.url, limits=limits, timeout=30) as client:
            await asyncio.gather(*(send(client) for _ in range(connections)))

    async def _send(self, client: httpx.AsyncClient, event: dict[str, str]) -> None:
        for _ in range(200):
            try:
                answer = await client.post("/api/events", json=event)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 202:
                (result,) = answer.json()["results"]
                known = self.acknowledged.setdefault(result["eventId"], result["position"])
                assert known == result["position"]
                return
            assert answer.status_code in {429, 503}, answer.text
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        raise AssertionError(f"event {event['eventId']} was never taken")


async def check(truth, load: Load, *, within: float) -> None:
    """Everything sent is applied in time, and every promise holds."""
    await checker.everything_applied(truth, within)
    assert len(load.acknowledged) == len(load.events)
    assert await checker.faults_of(truth, load.acknowledged) == []
    scores = {state.lead_id: state.reading.score async for state in truth.leads.scan()}
    assert scores == load.points


async def test_5000_events_with_repeats_and_a_worker_killed_in_the_middle_give_every_lead_its_points(
    engine, truth
):
    load = Load(engine.url, events=5000, leads=200, seed=1)
    sending = asyncio.create_task(load.run(connections=16))
    await asyncio.sleep(1)
    await engine.kill("worker-1")
    await sending
    await check(truth, load, within=30)


async def test_a_killed_dispatcher_is_replaced_by_the_one_standing_by(engine, truth):
    await engine.start("dispatcher-2")
    load = Load(engine.url, events=1500, leads=50, seed=2)
    sending = asyncio.create_task(load.run(connections=16))
    await asyncio.sleep(0.5)
    await engine.kill("dispatcher")
    await sending
    await check(truth, load, within=30)


async def test_an_api_killed_under_load_loses_nothing_that_it_acknowledged(engine, truth):
    load = Load(engine.url, events=1500, leads=50, seed=3)
    sending = asyncio.create_task(load.run(connections=16))
    await asyncio.sleep(0.5)
    await engine.kill("api")
    await engine.start("api")
    await sending
    await check(truth, load, within=30)


async def test_all_messages_lost_from_redis_are_made_up_for(engine, truth):
    load = Load(engine.url, events=1500, leads=50, seed=4)
    sending = asyncio.create_task(load.run(connections=16))
    for _ in range(5):
        await asyncio.sleep(0.2)
        await asyncio.to_thread(truth.doorbell._client.flushall)
    await sending
    await check(truth, load, within=30)


@pytest.mark.parametrize("part", ["api", "dispatcher", "scheduler", "worker-1"])
async def test_every_part_ends_in_time_on_sigterm_under_load(engine, truth, part):
    load = Load(engine.url, events=600, leads=20, seed=5)
    sending = asyncio.create_task(load.run(connections=8))
    await asyncio.sleep(0.3)
    async with asyncio.timeout(10):
        assert await engine.kill(part, signal.SIGTERM) in {0, -signal.SIGTERM}
    await engine.start(part)
    await sending
    await check(truth, load, within=30)


async def test_the_checker_notices_a_lost_event_a_wrong_score_and_a_missing_row(engine, truth):
    """The control: a checker that cannot fail would prove nothing."""
    load = Load(engine.url, events=50, leads=5, seed=6)
    await load.run(connections=4)
    await check(truth, load, within=30)
    await engine.stop()
    state = (await truth.database["leads"].find_one({"_id": "lead-1"}))["state"]
    wrong = state.replace('"activities":', '"activities":1')
    await truth.database["leads"].update_one({"_id": "lead-1"}, {"$set": {"state": wrong}})
    await truth.database["scoreHistory"].delete_one({"leadId": "lead-2"})
    await truth.database["events"].delete_one({"eventId": "e-7"})
    faults = await checker.faults_of(truth, load.acknowledged)
    assert "positions have a hole" in faults
    assert "event e-7 is lost or moved" in faults
    assert "lead lead-1 is not what its events give" in faults
    assert "the history of lead lead-2 is not what its events give" in faults
