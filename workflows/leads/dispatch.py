"""Follows the positions of all events and rings for the leads that have new ones."""

from __future__ import annotations

import asyncio
import logging

from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from engine.notifications.appended import AppendNotifications
from engine.process.tasks import raise_if_cancelled
from engine.queue.broker import LEADS
from engine.runtime import Runtime

__all__ = ["CHECKPOINT", "dispatch_for_ever", "dispatch_once"]

_log = logging.getLogger(__name__)

CHECKPOINT = "dispatcher"

_ROOM_POLL_SECONDS = 0.01
_MAX_DELAY_SECONDS = 0.02
"""Longest that back-pressure delays a batch: idle workers must never wait for a queue that only seems full."""
_NOTE_SECONDS = 0.25
"""How far the checkpoint may be behind what is dispatched, in time; it is a write that waits for the disk."""


async def dispatch_once(runtime: Runtime) -> int:
    """Ring for the leads of the next events and move the checkpoint past them. Returns how many leads.

    Stopped in between, it rings for the same leads again, which does no harm.
    """
    position = await runtime.store.checkpoints.position(CHECKPOINT)
    leads, last = await _ring_after(runtime, position)
    if leads:
        await runtime.store.checkpoints.advance(CHECKPOINT, last)
    return leads


async def dispatch_for_ever(runtime: Runtime) -> None:
    """Dispatch as events arrive. Run it under a lease: two at once are harmless but wasteful."""
    async with runtime.capture.notifications.subscribed() as news:
        while True:
            raise_if_cancelled()
            try:
                await _follow(runtime, news)
            except (Unavailable, PyMongoError) as error:
                _log.warning("Cannot dispatch, trying again in a second: %s", error)
                await asyncio.sleep(1)


async def _follow(runtime: Runtime, news: AppendNotifications) -> None:
    """Dispatch from the checkpoint on. The checkpoint follows a little later: to move it is a write to the disk."""
    clock, settings = asyncio.get_running_loop(), runtime.settings
    position = noted = await runtime.store.checkpoints.position(CHECKPOINT)
    due = next_ring = clock.time()
    while True:
        raise_if_cancelled()
        await asyncio.sleep(next_ring - clock.time())  # at once if that is over
        await _until_there_is_room(runtime)
        next_ring = clock.time() + settings.dispatch_min_interval_ms / 1000
        before = position
        _, position = await _ring_after(runtime, before)
        if position > noted and clock.time() >= due:
            await runtime.store.checkpoints.advance(CHECKPOINT, position)
            noted, due = position, clock.time() + _NOTE_SECONDS
        if position - before < settings.dispatch_batch_events:
            await news.wait(_NOTE_SECONDS if position > noted else settings.dispatch_poll_seconds)


async def _ring_after(runtime: Runtime, position: int) -> tuple[int, int]:
    """Ring for the leads of the next events. Gives how many, and the last position."""
    leads, last = await runtime.capture.events.leads_after(position, runtime.settings.dispatch_batch_events)
    if leads:
        await runtime.work_queue.enqueue_leads(leads)
    return len(leads), last


async def _until_there_is_room(runtime: Runtime) -> None:
    """Wait a little while the workers are busy: meanwhile events gather, and a lead with many is rung for once."""
    settings, clock = runtime.settings, asyncio.get_running_loop()
    until = clock.time() + _MAX_DELAY_SECONDS
    while clock.time() < until:
        if await runtime.work_queue.waiting_messages(LEADS) < settings.dispatch_max_queued_messages:
            return
        await asyncio.sleep(_ROOM_POLL_SECONDS)
