"""The embedded MongoDB: a real `mongod`, alone in its replica set, for trying out, developing and testing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from engine.local.server import LOOPBACK, Server, choose_port, find_binary, server_folder

__all__ = ["start_mongod"]

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94
PROBE_MS = 250
COMMAND_MS = 10_000
STOP_SECONDS = 4.0
TRANSACTION_LIFETIME_SECONDS = 5
"""A transaction whose process was killed holds its locks this long (60 s by default), up to half as long again."""

Client = AsyncMongoClient[dict[str, object]]


async def start_mongod(data_dir: Path, port: int | None = None, *, extra: Sequence[str] = ()) -> Server:
    """Start it on `data_dir`/mongodb and wait until it is primary. `extra` goes to its command line as it is.

    The URI names the replica set and is not a direct connection: only then do writes wait while it restarts
    or steps down. Over four restarts and a step-down a direct connection got 345 NotPrimaryErrors, this one none.
    """
    binary = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
    folder = server_folder(data_dir, "mongodb")
    (folder / "db").mkdir(exist_ok=True)
    port = choose_port(folder, port)
    server = Server(
        name="MongoDB",
        setting="MONGODB_URI",
        uri=f"mongodb://{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}",
        command=(*_command(binary, folder, port), *extra),
        log=folder / "mongod.log",
        ready=partial(_ready, port),
        last_words=_last_words,
        patience=STOP_SECONDS,
    )
    await server.start()
    return server


def _command(binary: Path, folder: Path, port: int) -> tuple[str, ...]:
    return (
        *(str(binary), "--dbpath", str(folder / "db"), "--replSet", REPLICA_SET),
        *("--bind_ip", LOOPBACK, "--port", str(port), "--nounixsocket"),
        *("--wiredTigerCacheSizeGB", "0.5", "--oplogSize", "512"),  # journaling is always on since 6.0
        *("--quiet", "--slowms", "1000", "--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--setParameter", f"transactionLifetimeLimitSeconds={TRANSACTION_LIFETIME_SECONDS}"),
        # Nothing reads the past by `atClusterTime`, and keeping five minutes of it costs a tenth of all writing.
        *("--setParameter", "minSnapshotHistoryWindowInSeconds=0"),
    )


async def _ready(port: int, pid: int) -> bool:
    """Whether the process `pid` is primary on `port`; on the way there the replica set is made or moved."""
    try:
        async with Client(
            LOOPBACK,
            port,
            directConnection=True,
            serverSelectionTimeoutMS=PROBE_MS,
            socketTimeoutMS=COMMAND_MS,
        ) as client:
            if (await client.admin.command("serverStatus"))["pid"] != pid:
                return False
            await _configure(client, f"{LOOPBACK}:{port}")
            return bool((await client.admin.command("hello"))["isWritablePrimary"])
    except PyMongoError:
        return False


async def _configure(client: Client, address: str) -> None:
    """Make the replica set `address` its only member, by force if the folder was on another port before."""
    try:
        config = (await client.admin.command("replSetGetConfig"))["config"]
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": address}]
        await client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != address:
        config["members"][0]["host"] = address
        config["version"] += 1
        await client.admin.command("replSetReconfig", config, force=True)


def _last_words(lines: list[str]) -> str:
    """The last error of its log (a JSON document a line), or else what came before the log: the linker, say."""
    for line in reversed(lines):
        entry = json.loads(line) if line.startswith("{") and line.endswith("}") else {}
        if entry.get("s") in {"E", "F"}:
            return " ".join([entry["msg"], *map(_plain, entry.get("attr", {}).values())])
    return next((line for line in lines if not line.startswith("{")), lines[-1])


def _plain(value: object) -> str:
    return str(value.get("errmsg", value) if isinstance(value, dict) else value)
