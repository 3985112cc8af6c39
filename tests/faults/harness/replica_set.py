"""Three real mongod processes as one replica set, each to be killed and started again by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from engine.local.mongod import TRANSACTION_LIFETIME_SECONDS
from engine.local.process import Child
from engine.local.server import LOOPBACK, find_binary
from tests.ports import free_port

__all__ = ["ELECTION_MS", "Member", "ReplicaSet", "open_replica_set"]

NAME = "rs0"
ELECTION_MS = 2000
PROBE_MS = 1000
POLL_SECONDS = 0.2
WHOLE_SECONDS = 180
"""Longest that a set may take to be whole again: a member's rollback is many fsyncs, minutes of them on a busy disk."""

Client = AsyncMongoClient[dict[str, Any]]


class Member:
    """One mongod. Its data outlives its process."""

    def __init__(self, folder: Path, *, extra: Sequence[str] = ()) -> None:
        self.folder = folder
        self.port = free_port()
        self.address = f"{LOOPBACK}:{self.port}"
        self.log = folder / "mongod.log"
        self._extra = extra
        self._child: Child | None = None

    def __repr__(self) -> str:
        return f"member {self.port}"

    @property
    def pid(self) -> int:
        assert self._child is not None, "start() comes first"
        return self._child.pid

    @property
    def is_running(self) -> bool:
        return self._child is not None and not self._child.ended.done()

    async def start(self) -> None:
        """Start it, if it does not run; it need not answer yet."""
        if self.is_running:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        binary = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
        with self.log.open("ab") as log:
            self._child = await Child.start(
                (
                    *(str(binary), "--dbpath", str(self.folder), "--replSet", NAME, "--quiet"),
                    *("--bind_ip", LOOPBACK, "--port", str(self.port), "--nounixsocket"),
                    *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "256"),
                    *("--setParameter", "enableTestCommands=1"),
                    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                    *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_SECONDS}"),
                    *self._extra,
                ),
                output=log.fileno(),
            )

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; its exit code."""
        assert self._child is not None, "start() comes first"
        if self.is_running:
            os.kill(self.pid, number)
        return await self._child.wait()

    async def ended(self, seconds: float) -> int:
        """Wait until it has ended by itself; its exit code."""
        assert self._child is not None, "start() comes first"
        async with asyncio.timeout(seconds):
            return await self._child.wait()

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Client]:
        """A connection to this member alone."""
        async with Client(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=PROBE_MS
        ) as client:
            yield client

    async def answers(self) -> None:
        """Return when it answers, whatever its state."""
        async with Client(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=WHOLE_SECONDS * 1000
        ) as client:
            await client.admin.command("ping")

    async def state(self) -> str:
        """`PRIMARY`, `SECONDARY`, another state of a member, or `` when it does not answer."""
        try:
            async with self.client() as client:
                return str(
                    (await client.admin.command("replSetGetStatus"))["members"][self._number]["stateStr"]
                )
        except PyMongoError:
            return ""

    _number = 0

    def rollback_files(self) -> int:
        """How many files it has left with writes of its own that it undid."""
        return len(list(self.folder.glob("rollback/*/*.bson")))

    async def fail(self, point: str, mode: Any = "alwaysOn", **data: Any) -> None:
        """Set a fail point of the server."""
        async with self.client() as client:
            await client.admin.command("configureFailPoint", point, mode=mode, data=data)

    async def heal(self, point: str) -> None:
        """Take a fail point back."""
        await self.fail(point, "off")


class ReplicaSet:
    """The three members."""

    def __init__(self, folder: Path, *, extra: Sequence[str] = ()) -> None:
        self.members = [Member(folder / f"member-{number}", extra=extra) for number in (1, 2, 3)]
        for number, member in enumerate(self.members):
            member._number = number
        hosts = ",".join(member.address for member in self.members)
        self.uri = f"mongodb://{hosts}/?replicaSet={NAME}"

    async def start(self) -> None:
        """Start all members, make them one set and wait until it is whole."""
        await asyncio.gather(*(member.start() for member in self.members))
        config = {
            "_id": NAME,
            "members": [{"_id": number, "host": one.address} for number, one in enumerate(self.members)],
            "settings": {"electionTimeoutMillis": ELECTION_MS},
        }
        await asyncio.gather(*(member.answers() for member in self.members))
        async with self.members[0].client() as client:
            await client.admin.command("replSetInitiate", config)
        await self.whole()

    async def stop(self) -> None:
        """Kill what runs; the data is not needed any more."""
        await asyncio.gather(*(member.end() for member in self.members if member._child is not None))

    async def states(self) -> list[str]:
        return list(await asyncio.gather(*(member.state() for member in self.members)))

    async def whole(self, seconds: float = WHOLE_SECONDS) -> None:
        """Start what does not run, and wait for one primary and two secondaries."""
        await asyncio.gather(*(member.start() for member in self.members))
        async with asyncio.timeout(seconds):
            while sorted(await self.states()) != ["PRIMARY", "SECONDARY", "SECONDARY"]:
                await asyncio.sleep(POLL_SECONDS)

    async def primary(self, seconds: float = WHOLE_SECONDS) -> Member:
        """The primary, as soon as there is one."""
        async with asyncio.timeout(seconds):
            while True:
                for member, state in zip(self.members, await self.states(), strict=True):
                    if state == "PRIMARY":
                        return member
                await asyncio.sleep(POLL_SECONDS)

    async def secondaries(self) -> list[Member]:
        primary = await self.primary()
        return [member for member in self.members if member is not primary]

    async def fail(self, point: str, mode: Any = "alwaysOn", **data: Any) -> None:
        """Set a fail point on every member, so that it holds whoever becomes primary."""
        await asyncio.gather(*(member.fail(point, mode, **data) for member in self.members))

    async def heal(self, point: str) -> None:
        await asyncio.gather(*(member.heal(point) for member in self.members if member.is_running))


@contextlib.asynccontextmanager
async def open_replica_set(folder: Path, *, extra: Sequence[str] = ()) -> AsyncIterator[ReplicaSet]:
    """A whole replica set that is killed at the end."""
    replica_set = ReplicaSet(folder, extra=extra)
    try:
        await replica_set.start()
        yield replica_set
    finally:
        await replica_set.stop()
