"""Tells when everything that was sent has reached its lead, without being a load itself."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from engine.mongo import Document
from engine.runtime import Runtime
from scripts.bench.verified import verify

__all__ = ["last_positions", "until_applied", "until_settled"]

_WATCHED_EVENTS = 50
_LOOK_SECONDS = 0.01
_SETTLE_SECONDS = 0.2
_OPEN = {"state": {"$in": ["pending", "running"]}}


async def until_applied(runtime: Runtime, first: int, last: int, seconds: float) -> float:
    """Wait until every lead has applied its last event of these positions; the monotonic time when it had.

    Watches the leads of the newest few events, and looks at all leads only when those are done. Raises
    `WrongResult` when it takes longer than `seconds`.
    """
    wanted = await last_positions(runtime, first, last)
    verify(bool(wanted), "there is nothing to wait for")
    watched = await last_positions(runtime, max(first, last - _WATCHED_EVENTS + 1), last)
    deadline = time.monotonic() + seconds
    looked = deadline = time.monotonic() + seconds
    for behind in (watched, wanted):
        while behind:
            looked = time.monotonic()
            behind = await _behind(runtime, behind)  # noqa: PLW2901 - what is left to wait for
            if behind:
                verify(looked < deadline, f"{len(behind)} leads were still behind after {seconds:.0f} s")
                await asyncio.sleep(_LOOK_SECONDS)
    return looked


async def until_settled(runtime: Runtime, seconds: float) -> None:
    """Wait until no automation is open and what they did has reached its lead, so that nothing goes on.

    Raises `WrongResult` when it takes longer.
    """
    deadline = time.monotonic() + seconds
    while await runtime.database["automationExecutions"].find_one(_OPEN, {"_id": 1}):
        verify(time.monotonic() < deadline, f"automations were still open after {seconds:.0f} s")
        await asyncio.sleep(_SETTLE_SECONDS)
    if last := await runtime.events.last_position():
        await until_applied(runtime, 1, last, max(deadline - time.monotonic(), 1))


async def last_positions(runtime: Runtime, first: int, last: int) -> dict[str, int]:
    """The leads of these positions, each with its last one."""
    pipeline: list[Document] = [
        {"$match": {"_id": {"$gte": first, "$lte": last}}},
        {"$group": {"_id": "$leadId", "last": {"$max": "$_id"}}},
    ]
    return {doc["_id"]: doc["last"] async for doc in await runtime.database["events"].aggregate(pipeline)}


async def _behind(runtime: Runtime, leads: Mapping[str, int]) -> dict[str, int]:
    positions = await runtime.leads.positions(leads)
    return {lead: position for lead, position in leads.items() if positions.get(lead, 0) < position}
