"""The embedded MongoDB: a real `mongod` as the only member of a replica set, for trials, development and tests."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import OperationFailure, PyMongoError

from engine.local.private_file import write_private
from engine.local.server import LOOPBACK, Server, choose_port, find_binary, server_folder

__all__ = ["start_mongod"]

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94
PROBE_MS = 250
COMMAND_MS = 10_000
STOP_SECONDS = 4.0
TRANSACTION_LIFETIME_SECONDS = 5
"""A transaction of a killed process keeps its locks this long (MongoDB's default: 60 s), up to 1.5 times."""

_USER = "lead_engine"

Client = AsyncMongoClient[dict[str, object]]


@dataclass
class _Access:
    """Who may log in. Both secrets are new each time: other users of this machine can reach the port.

    A client with the key of a replica set may log in as its internal user `__system`. We are that user until there is a
    primary, on which our own user gets the password. So no password of an earlier start is needed, and a folder that
    was used without any keeps working.
    """

    key: str
    password: str
    is_set: bool = False


async def start_mongod(data_dir: Path, port: int | None = None, *, extra: Sequence[str] = ()) -> Server:
    """Start it on `data_dir`/mongodb and wait until it is primary. `extra` is appended to its command line.

    The URI names the replica set and is not a direct connection: only then do writes wait while it restarts
    or steps down. Over four restarts and a step-down a direct connection got 345 NotPrimaryErrors, this one none.
    Its password is a new one each time, which only the URI holds.
    """
    binary = find_binary("fiftyone", "db/bin/mongod", name="MongoDB", setting="MONGODB_URI")
    folder = server_folder(data_dir, "mongodb")
    (folder / "db").mkdir(exist_ok=True)
    port, access = choose_port(folder, port), _Access(secrets.token_hex(64), secrets.token_hex(32))
    key_file = folder / "key"
    write_private(key_file, access.key.encode())
    server = Server(
        name="MongoDB",
        setting="MONGODB_URI",
        uri=f"mongodb://{_USER}:{access.password}@{LOOPBACK}:{port}/?replicaSet={REPLICA_SET}",
        command=(*_command(binary, folder, port), "--keyFile", str(key_file), *extra),
        log=folder / "mongod.log",
        ready=partial(_ready, port, access),
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
        # Many rounds slow down guessing, which nobody does with 256 random bits, and each new connection.
        *("--setParameter", "scramSHA256IterationCount=5000"),
    )


async def _ready(port: int, access: _Access, pid: int) -> bool:
    """Whether the process `pid` is primary on `port`. Initiates or reconfigures the replica set and sets the password.

    Both are done if needed.
    """
    try:
        async with Client(
            LOOPBACK,
            port,
            directConnection=True,
            username="__system",
            password=access.key,
            authSource="local",
            authMechanism="SCRAM-SHA-256",
            serverSelectionTimeoutMS=PROBE_MS,
            socketTimeoutMS=COMMAND_MS,
        ) as client:
            if (await client.admin.command("serverStatus"))["pid"] != pid:
                return False
            await _configure(client, f"{LOOPBACK}:{port}")
            if not (await client.admin.command("hello"))["isWritablePrimary"]:
                return False
            if not access.is_set:
                await _set_password(client, access.password)
                access.is_set = True
            return True
    except PyMongoError:
        return False


async def _set_password(client: Client, password: str) -> None:
    known = (await client.admin.command("usersInfo", _USER))["users"]
    await client.admin.command(
        "updateUser" if known else "createUser",
        _USER,
        pwd=password,
        roles=["root"],
        mechanisms=["SCRAM-SHA-256"],
    )


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
