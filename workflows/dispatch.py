"""Follows the positions of all events and rings for the leads that have new ones."""

from __future__ import annotations

import asyncio
import logging

from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.broker import LEADS
from engine.cancellation import heed
from engine.runtime import Runtime

__all__ = ["CHECKPOINT", "dispatch_for_ever", "dispatch_once"]

_log = logging.getLogger(__name__)

CHECKPOINT = "dispatcher"

_ROOM_SECONDS = 0.01
"""Between two looks whether there is room."""


async def dispatch_once(runtime: Runtime) -> int:
    """Ring for the leads of the next events and move the checkpoint past them. Returns how many leads.

    Stopped in between, it rings for the same leads again, which does no harm.
    """
    position = await runtime.checkpoints.position(CHECKPOINT)
    leads, last = await runtime.events.leads_after(position, runtime.settings.dispatch_batch_events)
    if leads:
        await runtime.doorbell.ring_leads(leads)
        await runtime.checkpoints.advance(CHECKPOINT, last)
    return len(leads)


async def dispatch_for_ever(runtime: Runtime) -> None:
    """Dispatch as events arrive. Run it under a lease: two at once are harmless but wasteful."""
    async with runtime.news.watching() as news:
        while True:
            heed()
            try:
                await _until_there_is_room(runtime)
                if not await dispatch_once(runtime):
                    await news.wait(runtime.settings.dispatch_poll_seconds)
            except (Unavailable, PyMongoError) as error:
                _log.warning("Cannot dispatch, trying again in a second: %s", error)
                await asyncio.sleep(1)


async def _until_there_is_room(runtime: Runtime) -> None:
    """Wait a little while the workers are busy: meanwhile events gather, and a lead with many is rung for once."""
    settings, clock = runtime.settings, asyncio.get_running_loop()
    until = clock.time() + settings.dispatch_hold_seconds
    while clock.time() < until:
        if await runtime.doorbell.waiting_messages(LEADS) < settings.dispatch_ahead_messages:
            return
        await asyncio.sleep(_ROOM_SECONDS)
