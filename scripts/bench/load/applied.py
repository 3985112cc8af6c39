"""Detection of the moment when every sent event has been applied to its lead, at next to no load."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from engine.runtime import Runtime
from engine.store.mongo import Document
from engine.work.unit import CLAIMABLE
from scripts.bench.checks import verify

__all__ = ["last_positions", "until_applied", "until_settled"]

_PATIENCE_SECONDS = 60.0
_WATCHED_EVENTS = 50
_POLL_SECONDS = 0.01
_SETTLE_SECONDS = 0.2
_PROGRESS_SECONDS = 1.0
_OPEN = {"state": {"$in": list(CLAIMABLE)}}


async def until_applied(
    runtime: Runtime, first: int, last: int, patience: float = _PATIENCE_SECONDS
) -> float:
    """Wait until every lead has applied its last event of these positions. Returns the monotonic time of that.

    Polls the leads of the newest few events, and all leads only when those are done. Raises
    `WrongResult` when nothing has been applied for `patience` seconds.
    """
    wanted = await last_positions(runtime, first, last)
    verify(bool(wanted), "there is nothing to wait for")
    watched = await last_positions(runtime, max(first, last - _WATCHED_EVENTS + 1), last)
    waiting, looked = _Waiting(runtime, patience), time.monotonic()
    for behind in (watched, wanted):
        while behind:
            looked = time.monotonic()
            behind = await _behind(runtime, behind)  # noqa: PLW2901 - what is left to wait for
            if behind:
                await waiting.pause(_POLL_SECONDS, f"{len(behind)} leads still lag behind")
    return looked


async def until_settled(runtime: Runtime, patience: float = _PATIENCE_SECONDS, since: int = 1) -> None:
    """Wait until no automation is open and all events from position `since` on are applied, so that the engine is idle.

    Raises `WrongResult` when nothing has happened for `patience` seconds.
    """
    waiting = _Waiting(runtime, patience)
    while await runtime.store.database["automationExecutions"].find_one(_OPEN, {"_id": 1}):
        await waiting.pause(_SETTLE_SECONDS, "automations are still open")
    if last := await runtime.capture.log.last_position():
        await until_applied(runtime, since, last, patience)


async def last_positions(runtime: Runtime, first: int, last: int) -> dict[str, int]:
    """The leads of these positions, each with its last one."""
    pipeline: list[Document] = [
        {"$match": {"_id": {"$gte": first, "$lte": last}}},
        {"$group": {"_id": "$leadId", "last": {"$max": "$_id"}}},
    ]
    return {
        doc["_id"]: doc["last"] async for doc in await runtime.store.database["events"].aggregate(pipeline)
    }


async def _behind(runtime: Runtime, leads: Mapping[str, int]) -> dict[str, int]:
    positions = await runtime.leads.states.positions(leads)
    return {
        lead: position
        for lead, position in leads.items()
        if lead not in positions or not positions[lead].includes(position)
    }


class _Waiting:
    """A wait without a fixed end: it lasts as long as the engine makes progress, however slow the machine is."""

    def __init__(self, runtime: Runtime, patience: float) -> None:
        self._runtime = runtime
        self._patience = patience
        self._progress: tuple[int, int] | None = None
        self._look_again = 0.0
        self._deadline = 0.0

    async def pause(self, seconds: float, otherwise: str) -> None:
        """Sleep. Raises `WrongResult` when nothing has been stored or applied for too long."""
        now = time.monotonic()
        if now >= self._look_again:
            progress = await self._events_stored_and_applied()
            if progress != self._progress:
                self._progress, self._deadline = progress, now + self._patience
            self._look_again = now + min(_PROGRESS_SECONDS, self._patience)
        verify(now < self._deadline, f"{otherwise}, and nothing has happened for {self._patience:g} s")
        await asyncio.sleep(seconds)

    async def _events_stored_and_applied(self) -> tuple[int, int]:
        applied = await self._runtime.store.database["scoreHistory"].estimated_document_count()
        return await self._runtime.capture.log.last_position(), applied
