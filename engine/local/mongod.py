"""The embedded MongoDB: a real `mongod` as the only member of a replica set, for trials, development and tests."""

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
"""A transaction of a killed process keeps its locks this long (MongoDB's default: 60 s), up to 1.5 times."""

Client = AsyncMongoClient[dict[str, object]]


async def start_mongod(data_dir: Path, port: int | None = None, *, extra: Sequence[str] = ()) -> Server:
    """Start it on `data_dir`/mongodb and wait until it is primary. `extra` is appended to its command line.

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
        last_error=_last_error,
        stop_seconds=STOP_SECONDS,
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
        # Nothing reads with `atClusterTime`, and keeping five minutes of snapshots costs a tenth of all writes.
        *("--setParameter", "minSnapshotHistoryWindowInSeconds=0"),
    )


async def _ready(port: int, pid: int) -> bool:
    """Whether the process `pid` is primary on `port`. Initiates or reconfigures the replica set if needed."""
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
    """Make `address` the only member of the replica set, by force if the folder was used on another port before."""
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


def _last_error(lines: list[str]) -> str:
    """The last error of its log (one JSON document per line), or else what precedes the log, e.g. a linker error."""
    for line in reversed(lines):
        entry = json.loads(line) if line.startswith("{") and line.endswith("}") else {}
        if entry.get("s") in {"E", "F"}:
            return " ".join([entry["msg"], *map(_plain, entry.get("attr", {}).values())])
    return next((line for line in lines if not line.startswith("{")), lines[-1])


def _plain(value: object) -> str:
    return str(value.get("errmsg", value) if isinstance(value, dict) else value)
