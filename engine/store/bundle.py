"""The MongoDB bundle: client, database, and what processes share in it to take turns."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from engine.process.tasks import within
from engine.settings.operations.store import StoreSettings
from engine.store.checkpoints import Checkpoints
from engine.store.leases import Leases
from engine.store.mongo import Client, Database, connect, database_of

__all__ = ["Store", "open_store"]

_CLOSE_SECONDS = 2.0


@dataclass(frozen=True)
class Store:
    """The connection to MongoDB. `client` starts transactions, `database` holds every collection."""

    client: Client
    database: Database
    checkpoints: Checkpoints
    leases: Leases


@contextlib.asynccontextmanager
async def open_store(settings: StoreSettings, holder: str) -> AsyncIterator[Store]:
    """Connect on this event loop; leases are held in the name of `holder`. Raises `Invalid` for a wrong URI."""
    client = connect(settings.mongodb_uri)
    database = database_of(client, settings.mongodb_database)
    try:
        yield Store(client, database, Checkpoints(database), Leases(database, holder, settings.lease_seconds))
    finally:
        with contextlib.suppress(TimeoutError):  # the sessions of a server that has gone end by themselves
            await within(_CLOSE_SECONDS, client.close())
