"""The benchmark's own MongoDB and Valkey, in a temporary folder."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from msgspec import Struct

from engine.local.mongod import start_mongod
from engine.local.server import Server
from engine.local.valkey import start_valkey

__all__ = ["Services", "run_services"]


class Services(Struct, frozen=True):
    """The running servers and the folder they are in."""

    mongod: Server
    valkey: Server
    folder: Path


@contextlib.asynccontextmanager
async def run_services(folder: Path | None = None) -> AsyncIterator[Services]:
    """Start both, with the settings they have under `make up`, and stop both at the end.

    A `folder` stays; without one there is a temporary folder, which is removed.
    """
    async with contextlib.AsyncExitStack() as stack:
        if folder is None:
            folder = Path(
                stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="lead-engine-bench-", ignore_cleanup_errors=True)
                )
            )
        mongod = await start_mongod(folder)
        stack.push_async_callback(mongod.stop)
        valkey = await start_valkey(folder)
        stack.push_async_callback(valkey.stop)
        yield Services(mongod, valkey, folder)
