"""Looks at the applied positions while the engine runs: they may only grow."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from pymongo.errors import PyMongoError
from pymongo.read_concern import ReadConcern

from engine.capture.log.writer import EventWriter
from engine.process.tasks import cancel_and_wait, raise_if_cancelled
from engine.store.mongo import connect, database_of

__all__ = ["Watcher", "watching"]

_EVERY_SECONDS = 0.1


class Watcher:
    """What has been seen of each lead, and every step back."""

    def __init__(self, settings) -> None:
        self._settings = settings
        self._seen: dict[str, int] = {}
        self.looks = 0
        self.faults: list[str] = []

    def note(self, positions: dict[str, int]) -> None:
        """Compare one look with the one before."""
        self.looks += 1
        for name, before in self._seen.items():
            if (after := positions.get(name, 0)) < before:
                self.faults.append(f"{name} went back from {before} to {after}")
        self._seen.update(positions)

    async def watch(self) -> None:
        """Look for ever. A causally consistent session never shows a moment older than one it has shown."""
        client = connect(self._settings.mongodb_uri)
        database = database_of(client, self._settings.mongodb_database)
        async with client, client.start_session(causal_consistency=True) as session:
            while True:
                raise_if_cancelled()
                with contextlib.suppress(PyMongoError):
                    self.note(await self._look(database, session))
                await asyncio.sleep(_EVERY_SECONDS)

    async def _look(self, database, session) -> dict[str, int]:
        """All at one moment. A stream that is part of a lead is where this is."""
        async with await session.start_transaction(ReadConcern("snapshot")):
            return await self._positions(database, session)

    async def _positions(self, database, session) -> dict[str, int]:
        positions = {
            f"lead {doc['_id']}": doc["position"]
            async for doc in database["leads"].find({}, {"position": 1}, session=session)
        }
        async for doc in database["leadStreams"].find({}, {"leadId": 1}, session=session):
            if doc["leadId"] != doc["_id"]:
                positions[f"lead {doc['_id']}"] = positions.get(f"lead {doc['leadId']}", 0)
        async for doc in database["checkpoints"].find({"position": {"$exists": True}}, session=session):
            positions[f"checkpoint {doc['_id']}"] = doc["position"]
        positions["last event"] = (await EventWriter(database).newest([0], session))[0]
        return positions


@contextlib.asynccontextmanager
async def watching(settings) -> AsyncIterator[Watcher]:
    """Watch while the context is open."""
    watcher = Watcher(settings)
    task = asyncio.create_task(watcher.watch())
    try:
        yield watcher
    finally:
        await cancel_and_wait(task)
