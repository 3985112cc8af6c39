"""A catch-up subscription to the log: reads events after the checkpoint and enqueues their leads."""

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
_CHECKPOINT_SECONDS = 0.25
"""Longest that the checkpoint lags behind what is dispatched: each advance is a write that waits for the disk."""
_RETRY_SECONDS = 1.0


async def dispatch_once(runtime: Runtime) -> int:
    """Enqueue the leads of the next events and advance the checkpoint. Returns how many leads.

    Stopped in between, it enqueues the same leads again, which does no harm.
    """
    position = await runtime.store.checkpoints.position(CHECKPOINT)
    leads, last = await _enqueue_after(runtime, position)
    if leads:
        await runtime.store.checkpoints.advance(CHECKPOINT, last)
    return leads


async def dispatch_for_ever(runtime: Runtime) -> None:
    """Dispatch as events arrive. Run it under a lease: two at once are harmless but wasteful."""
    async with runtime.capture.notifications.subscribed() as appended:
        while True:
            raise_if_cancelled()
            try:
                await _follow(runtime, appended)
            except (Unavailable, PyMongoError) as error:
                _log.warning("Cannot dispatch, trying again in a second: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)


async def _follow(runtime: Runtime, appended: AppendNotifications) -> None:
    """Dispatch from the checkpoint on, at most once per debounce interval; the checkpoint follows a little later."""
    clock, settings = asyncio.get_running_loop(), runtime.settings
    position = saved = await runtime.store.checkpoints.position(CHECKPOINT)
    save_at = next_at = clock.time()
    while True:
        raise_if_cancelled()
        await asyncio.sleep(next_at - clock.time())  # at once if that is over
        await _until_queue_has_room(runtime)
        next_at = clock.time() + settings.dispatch_min_interval_ms / 1000
        before = position
        _, position = await _enqueue_after(runtime, before)
        if position > saved and clock.time() >= save_at:
            await runtime.store.checkpoints.advance(CHECKPOINT, position)
            saved, save_at = position, clock.time() + _CHECKPOINT_SECONDS
        if position - before < settings.dispatch_batch_events:
            await appended.wait(_CHECKPOINT_SECONDS if position > saved else settings.dispatch_poll_seconds)


async def _enqueue_after(runtime: Runtime, position: int) -> tuple[int, int]:
    """Enqueue the leads of the next events. Returns how many leads, and the position of the last event."""
    leads, last = await runtime.capture.log.leads_after(position, runtime.settings.dispatch_batch_events)
    if leads:
        await runtime.work_queue.enqueue_leads(leads)
    return len(leads), last


async def _until_queue_has_room(runtime: Runtime) -> None:
    """Back-pressure: while workers are busy events gather, and a lead with many of them is enqueued once."""
    settings, clock = runtime.settings, asyncio.get_running_loop()
    until = clock.time() + _MAX_DELAY_SECONDS
    while clock.time() < until:
        if await runtime.work_queue.waiting_messages(LEADS) < settings.dispatch_max_queued_messages:
            return
        await asyncio.sleep(_ROOM_POLL_SECONDS)
