"""A real sharded cluster without mongos: one config server and one-member shards of the wheel's mongod.

The config server's own commands make it, as mongos would have it do. Each shard can be killed and started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from engine.local.process import Child
from engine.local.server import LOOPBACK, find_binary
from tests.ports import free_port

__all__ = ["Cluster", "Member", "open_cluster"]

POLL_SECONDS = 0.1
START_SECONDS = 120
ALREADY_INITIALIZED = 23
MAJORITY = {"w": "majority"}


class Member:
    """The only mongod of a replica set of its name. Its data outlives its process."""

    def __init__(self, name: str, folder: Path, role: str, *, extra: Sequence[str] = ()) -> None:
        self.name, self.role, self._extra = name, role, extra
        self.port = free_port()
        self._folder = folder / name
        self._child: Child | None = None

    @property
    def set_name(self) -> str:
        return f"{self.name}/{LOOPBACK}:{self.port}"

    def client(self) -> AsyncMongoClient[dict[str, Any]]:
        return AsyncMongoClient(
            LOOPBACK, self.port, directConnection=True, serverSelectionTimeoutMS=1000, socketTimeoutMS=60_000
        )

    async def start(self) -> None:
        """Start it and wait until it is the primary of its set."""
        await self.launch()
        async with asyncio.timeout(START_SECONDS), self.client() as client:
            while not await self._is_primary(client):
                await asyncio.sleep(POLL_SECONDS)

    async def launch(self) -> None:
        """Start it, in whatever set its folder says that it is."""
        self._folder.mkdir(parents=True, exist_ok=True)
        binary = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
        with (self._folder / "mongod.log").open("ab") as log:
            self._child = await Child.start(
                (
                    *(
                        str(binary),
                        "--dbpath",
                        str(self._folder),
                        "--replSet",
                        self.name,
                        self.role,
                        "--quiet",
                    ),
                    *("--bind_ip", LOOPBACK, "--port", str(self.port), "--nounixsocket"),
                    *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "64"),
                    *("--setParameter", "enableTestCommands=1"),
                    *("--setParameter", "diagnosticDataCollectionEnabled=false"),
                    *self._extra,
                ),
                output=log.fileno(),
            )

    async def _is_primary(self, client: AsyncMongoClient[dict[str, Any]]) -> bool:
        config = {"_id": self.name, "members": [{"_id": 0, "host": f"{LOOPBACK}:{self.port}"}]}
        try:
            if "setName" not in (hello := await client.admin.command("hello")):
                if self.role == "--configsvr":
                    config["configsvr"] = True
                with contextlib.suppress(OperationFailure):
                    await client.admin.command("replSetInitiate", config)
                return False
            return bool(hello["isWritablePrimary"])
        except PyMongoError:
            return False

    async def kill(self) -> None:
        assert self._child
        os.kill(self._child.pid, signal.SIGKILL)
        await self._child.wait()

    async def start_again(self) -> None:
        """Start it if it does not run."""
        if self._child and self._child.ended.done():
            await self.start()

    async def stop(self) -> None:
        if self._child:
            await self._child.stop(5)


class Cluster:
    """The servers, by name."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.config = Member("config", folder, "--configsvr")
        self.shards = {name: Member(name, folder, "--shardsvr") for name in names}

    async def add(self, name: str) -> None:
        """Make a running replica set a shard of the cluster."""
        async with self.config.client() as client:
            await client.admin.command(
                "_configsvrAddShard", self.shards[name].set_name, name=name, writeConcern=MAJORITY
            )


@contextlib.asynccontextmanager
async def open_cluster(folder: Path, *names: str) -> AsyncIterator[Cluster]:
    cluster = Cluster(folder, names)
    members = (cluster.config, *cluster.shards.values())
    try:
        await asyncio.gather(*(member.start() for member in members))
        for name in names:
            await cluster.add(name)
        yield cluster
    finally:
        for member in members:
            await member.stop()
