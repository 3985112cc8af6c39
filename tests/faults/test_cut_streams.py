"""Streams are cut, the API is killed, Redis goes away: a client that resumes has been given every change."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import time

import httpx
import pytest

from tests.api.stream.reader import reading
from tests.faults.harness.clients import open_client
from tests.faults.harness.figures import measured
from tests.faults.harness.load import writing

RECONNECT_SECONDS = 0.05
QUIET_SECONDS = 30


class Follower:
    """A page that stays up to date by the stream alone, whatever happens to its connection."""

    def __init__(self, engine, *, resumes: bool = True) -> None:
        self._engine = engine
        self._resumes = resumes
        self._after: str | None = None
        self.seen: dict[str, int] = {}
        self.cuts = self.resets = 0
        self._reading: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Follow, and connect again after every cut, until cancelled."""
        async with open_client(self._engine.url) as http:
            while True:
                self._reading = asyncio.create_task(self._read(http))
                with contextlib.suppress(
                    httpx.HTTPError, StopAsyncIteration, KeyError, asyncio.CancelledError
                ):
                    try:
                        await self._reading
                    finally:
                        self._reading.cancel()
                if asyncio.current_task().cancelling():
                    return
                self.cuts += 1
                await asyncio.sleep(RECONNECT_SECONDS)

    def cut(self) -> None:
        """Cut the line."""
        if self._reading is not None:
            self._reading.cancel()

    async def _read(self, http: httpx.AsyncClient) -> None:
        async with reading(http, after=self._after if self._resumes else None) as stream:
            while (frame := await stream.next(60)).event != "bye":
                if frame.event == "leads":
                    self.seen |= {one: max(at, self.seen.get(one, 0)) for one, at in frame.data.items()}
                elif frame.event == "reset":
                    self.resets += 1
                    await self._read_again()
                elif frame.event == "hello" and self._after is None:
                    await self._read_again()  # what had changed before the stream began
                self._after = frame.id

    async def _read_again(self) -> None:
        self.seen |= await applied_positions(self._engine)


async def applied_positions(engine) -> dict[str, int]:
    """What every lead has applied, by the database."""
    leads = engine.truth.store.database["leads"]
    return {doc["_id"]: int(doc["position"]) async for doc in leads.find({}, {"position": 1})}


async def _missed(engine, follower) -> dict[str, int]:
    """Leads that the follower does not know as they are, once it has had the time."""
    expected = await applied_positions(engine)
    deadline = time.monotonic() + QUIET_SECONDS
    while True:
        missed = {one: at for one, at in expected.items() if follower.seen.get(one, 0) < at}
        if not missed or time.monotonic() > deadline:
            return missed
        await asyncio.sleep(0.1)


async def _follow_through_cuts(
    engine, follower, seed, *, cuts: int, kills: int, events: int = 0, valkey=None
) -> dict[str, int]:
    """The leads that were missed after so many cuts, and however many more it takes until so many events are taken in."""
    chance, acknowledged = random.Random(seed), engine.ledger.acknowledged
    enough = len(acknowledged) + events
    following = asyncio.create_task(follower.follow())
    try:
        async with writing(
            engine.url, engine.ledger, seed=seed, leads=300, writers=8, pause=0.02, at_once=25
        ):
            kinds = ["line"] * (cuts - kills) + ["api"] * kills
            chance.shuffle(kinds)
            for kind in kinds:
                await asyncio.sleep(chance.uniform(0.02, 0.2))
                if kind == "api":
                    await engine.restart("api")
                    await engine.ready()
                else:
                    follower.cut()
            while len(acknowledged) < enough:
                await asyncio.sleep(chance.uniform(0.02, 0.2))
                follower.cut()
            if valkey is not None:
                os.kill(valkey.pid, signal.SIGKILL)
                await asyncio.sleep(2)
                follower.cut()
                await valkey.start()
        await engine.check(within=60)
        return await _missed(engine, follower)
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_a_stream_that_is_cut_and_resumed_misses_nothing(engine, seed):
    follower = Follower(engine)
    assert await _follow_through_cuts(engine, follower, seed, cuts=15, kills=1) == {}
    assert follower.cuts >= 15


@pytest.mark.long
async def test_a_stream_that_is_cut_100_times_over_10000_events_misses_nothing(engine, valkey, seed):
    before, began = len(engine.ledger.acknowledged), time.monotonic()
    follower = Follower(engine)
    missed = await _follow_through_cuts(
        engine, follower, seed, cuts=100, kills=10, events=10_000, valkey=valkey
    )
    assert missed == {}
    assert follower.cuts >= 100
    events = len(engine.ledger.acknowledged) - before
    measured(f"{events:,} events, {follower.cuts} cuts, {follower.resets} resets", time.monotonic() - began)


async def test_control_a_stream_that_does_not_resume_misses_what_changed_meanwhile(engine, seed):
    follower = Follower(engine, resumes=False)
    following = asyncio.create_task(follower.follow())
    try:
        await asyncio.sleep(0.5)
        for _ in range(5):
            follower.cut()
            async with writing(engine.url, engine.ledger, seed=seed, leads=300, writers=8):
                await asyncio.sleep(RECONNECT_SECONDS)
            await asyncio.sleep(0.2)
        await engine.check(within=30)
        expected = await applied_positions(engine)
        await asyncio.sleep(1)
        assert any(follower.seen.get(one, 0) < at for one, at in expected.items())
    finally:
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)


async def test_stopping_with_50_open_streams_says_bye_to_each(engine):
    async with contextlib.AsyncExitStack() as stack:
        await engine.kill("api")
        await engine.start("api", streams_per_caller=100)
        await engine.ready()
        http = await stack.enter_async_context(open_client(engine.url))
        streams = [await stack.enter_async_context(reading(http)) for _ in range(50)]
        for stream in streams:
            await stream.until("hello")
        began = time.monotonic()
        stopped = asyncio.create_task(engine.kill("api", signal.SIGTERM))
        said = await asyncio.gather(*(stream.until("bye") for stream in streams))
        assert [frame.data for frame in said] == [{"why": "stopping"}] * 50
        assert await stopped == -signal.SIGTERM, "uvicorn ends by the signal once everything is closed"
        measured("seconds until the API has stopped with 50 open streams", time.monotonic() - began)
