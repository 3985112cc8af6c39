"""Does everything to the running engine and its servers that can befall them, at random, several things at once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any

import dramatiq
from dramatiq.errors import BrokerError
from redis.exceptions import RedisError

from tests.faults.harness.clients import open_client
from tests.faults.harness.crash_points import POINTS
from tests.faults.harness.engine import EVERY_PART
from tests.faults.harness.failing_commands import COMMANDS, OF_THE_ENGINE, WAYS
from tests.faults.harness.load import Sender

__all__ = ["Nemesis"]

ZONES = ("Pacific/Apia", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC")
MAX_CLOCK_SECONDS = 30
LONGER_THAN_A_LEASE_SECONDS = 3.0
BACK_AFTER_SECONDS = 0.3

Fault = Callable[[], Awaitable[None]]


class Nemesis:
    """Three rows of faults at once: to MongoDB, to Redis, and to the parts, which it starts again as a supervisor does.

    Each part that it starts has a clock and a time zone of its own, and every second one a step at which it will die.
    `done` counts the faults by their names, `poisoned` are the leads that may be quarantined.
    """

    def __init__(self, engine, replica_set, valkey, *, seed: int, plant: Sequence[str] = ()) -> None:
        self._engine = engine
        self._replica_set = replica_set
        self._valkey = valkey
        self._chance = random.Random(seed)
        self._plant = ["poisonous_events", *plant]
        self._over = False
        self.rows: tuple[tuple[Fault, ...], ...] = (
            (
                self.primary_killed,
                self.secondary_killed,
                self.primary_hangs,
                self.primary_killed_that_nobody_follows,
                self.commands_fail,
            ),
            (self.redis_killed, self.redis_emptied, self.redis_hangs),
            (
                self.part_killed,
                self.every_part_killed,
                self.part_stopped,
                self.process_group_stopped,
                self.part_hangs,
                self.two_of_each_act,
                self.two_replays_at_once,
                self.two_decay_jobs_at_once,
                self.message_that_nobody_understands,
                self.event_that_cannot_be_folded,
                self.event_that_kills_its_worker,
            ),
        )
        self.done: Counter[str] = Counter({fault.__name__: 0 for row in self.rows for fault in row})
        self.poisoned: set[str] = set()

    async def rage(self, seconds: float) -> None:
        """Do harm for so long, then mend everything: all servers and parts are there, and unharmed."""
        until = asyncio.get_running_loop().time() + seconds
        keeping = [asyncio.create_task(self._keep(name)) for name in EVERY_PART]
        try:
            await asyncio.gather(*(self._harm(row, until) for row in self.rows))
        finally:
            self._over = True
            for name in EVERY_PART:
                self._signal(name, signal.SIGKILL)
            await asyncio.gather(*keeping)
        await self._replica_set.heal("failCommand")
        await self._engine.whole()

    async def _harm(self, row: Sequence[Fault], until: float) -> None:
        """One fault after the other, each of the row before any for a second time."""
        clock, waiting = asyncio.get_running_loop(), list[Fault]()
        while clock.time() < until:
            waiting = waiting or self._chance.sample(row, len(row))
            fault = waiting.pop()
            await fault()
            self.done[fault.__name__] += 1
            await asyncio.sleep(0.3 + self._chance.random())

    async def _keep(self, name: str) -> None:
        """Start the part whenever it does not run."""
        while not self._over:
            await self._engine.start(name, sabotage=self._sabotage(name))
            await self._engine.ended(name, seconds=600)
            await asyncio.sleep(BACK_AFTER_SECONDS)

    def _sabotage(self, name: str) -> dict[str, Any]:
        chance = self._chance
        sabotage: dict[str, Any] = {
            "clock": chance.randint(-MAX_CLOCK_SECONDS, MAX_CLOCK_SECONDS),
            "zone": chance.choice(ZONES),
            "plant": self._plant,
        }
        points = [one for one in POINTS.values() if one.part.split("-")[0] == name.split("-", maxsplit=1)[0]]
        if points and chance.random() < 0.5:
            point = chance.choice(points)
            sabotage["crash"] = {"at": point.at, "when": point.when, "nth": chance.randint(10, 300)}
        return sabotage

    def _signal(self, name: str, number: signal.Signals, *, group: bool = False) -> None:
        part = self._engine.parts.get(name)
        if part is not None and not part.ended.done():
            with suppress(ProcessLookupError):
                (os.killpg if group else os.kill)(part.pid, number)

    def _any_part(self) -> str:
        return self._chance.choice(EVERY_PART)

    # To MongoDB

    async def primary_killed(self) -> None:
        await (await self._replica_set.primary()).end()
        await self._replica_set.whole()

    async def secondary_killed(self) -> None:
        await self._chance.choice(await self._replica_set.secondaries()).end()
        await self._replica_set.whole()

    async def primary_hangs(self) -> None:
        await self._hang((await self._replica_set.primary()).pid)
        await self._replica_set.whole()

    async def primary_killed_that_nobody_follows(self) -> None:
        primary, secondaries = await self._replica_set.primary(), await self._replica_set.secondaries()
        for member in secondaries:
            await member.fail("stopReplProducer")
        await asyncio.sleep(1)
        await primary.end()
        for member in secondaries:
            await member.heal("stopReplProducer")
        await (
            self._replica_set.primary()
        )  # another one; the old one comes back to roll back what it has alone
        await self._replica_set.whole()

    async def commands_fail(self) -> None:
        way = WAYS[self._chance.choice(list(WAYS))]
        commands = self._chance.sample(COMMANDS, 2)
        data = {"failCommands": commands, **way, **OF_THE_ENGINE}
        await self._replica_set.fail("failCommand", {"times": 6}, **data)

    # To Redis

    async def redis_killed(self) -> None:
        os.kill(self._valkey.pid, signal.SIGKILL)
        await asyncio.sleep(self._chance.random() * 3)
        await self._valkey.start()

    async def redis_emptied(self) -> None:
        await asyncio.to_thread(self._engine.truth.work_queue._client.flushall)

    async def redis_hangs(self) -> None:
        await self._hang(self._valkey.pid)

    async def _hang(self, pid: int) -> None:
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(LONGER_THAN_A_LEASE_SECONDS)
        finally:
            os.kill(pid, signal.SIGCONT)

    # To the parts

    async def part_killed(self) -> None:
        self._signal(self._any_part(), signal.SIGKILL)

    async def every_part_killed(self) -> None:
        for name in EVERY_PART:
            self._signal(name, signal.SIGKILL)

    async def part_stopped(self) -> None:
        self._signal(self._any_part(), signal.SIGTERM)

    async def process_group_stopped(self) -> None:
        self._signal(self._any_part(), signal.SIGTERM, group=True)

    async def part_hangs(self) -> None:
        name = self._any_part()
        self._signal(name, signal.SIGSTOP)
        await asyncio.sleep(LONGER_THAN_A_LEASE_SECONDS)
        self._signal(name, signal.SIGCONT)

    async def two_of_each_act(self) -> None:
        """Further ones that take no heed of leases."""
        names = ("dispatcher-2", "scheduler-2")
        await self._engine.start(*names, sabotage={"plant": ["no_leases"]})
        await asyncio.sleep(LONGER_THAN_A_LEASE_SECONDS)
        await asyncio.gather(*map(self._engine.kill, names))

    async def two_replays_at_once(self) -> None:
        await self._run("replay-1", "replay-2")

    async def two_decay_jobs_at_once(self) -> None:
        await self._run("decay-1", "decay-2")

    async def _run(self, *names: str) -> None:
        """Run commands to their end, whatever it is: another fault may be why they fail."""
        await self._engine.start(*names)
        await asyncio.gather(*(self._engine.ended(name) for name in names))

    async def message_that_nobody_understands(self) -> None:
        broker = self._engine.truth.work_queue._broker
        unknown = dramatiq.Message(
            queue_name="process_leads", actor_name="unknown", args=([],), kwargs={}, options={}
        )
        with suppress(BrokerError, RedisError):  # Redis may be away
            await asyncio.to_thread(broker.enqueue, unknown)
            await asyncio.to_thread(broker.do_enqueue, "process_leads", "no-message", b"\x00 no message")

    async def event_that_cannot_be_folded(self) -> None:
        await self._poison("poison.raise")

    async def event_that_kills_its_worker(self) -> None:
        await self._poison("poison.kill")

    async def _poison(self, type_: str) -> None:
        lead = f"poisoned-{len(self.poisoned)}"
        self.poisoned.add(lead)
        async with open_client(self._engine.url) as client:
            sender = Sender([client], self._engine.ledger)
            await sender.send([{"eventId": f"event-of-{lead}", "leadId": lead, "type": type_}])
