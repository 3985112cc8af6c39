"""A catch-up subscription to the log: reads events after the checkpoint and enqueues their leads."""

from __future__ import annotations

import asyncio
import logging

from pymongo.errors import PyMongoError

from domain.errors import Unavailable
from domain.events.log_cursor import LogCursor
from engine.capture.log.subscription import Subscription
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
    subscription = Subscription(runtime.capture.log)
    leads, cursor = await _enqueue_after(runtime, subscription, await _checkpoint(runtime))
    if leads:
        await runtime.store.checkpoints.advance(CHECKPOINT, cursor)
    return leads


async def dispatch_for_ever(runtime: Runtime, partitions: range | None = None) -> None:
    """Dispatch as events of a group of partitions arrive, or of all. Run it under a lease: two at once are harmless but wasteful."""
    subscription = Subscription(runtime.capture.log, partitions)
    async with runtime.capture.notifications.subscribed() as appended:
        while True:
            raise_if_cancelled()
            try:
                await _follow(runtime, subscription, appended)
            except (Unavailable, PyMongoError) as error:
                _log.warning("Cannot dispatch, trying again in a second: %s", error)
                await asyncio.sleep(_RETRY_SECONDS)


async def _follow(runtime: Runtime, subscription: Subscription, appended: AppendNotifications) -> None:
    """Dispatch from the checkpoint on, at most once per debounce interval; the checkpoint follows a little later."""
    clock, settings = asyncio.get_running_loop(), runtime.settings
    cursor = saved = await _checkpoint(runtime)
    save_at = next_at = clock.time()
    while True:
        raise_if_cancelled()
        await asyncio.sleep(next_at - clock.time())  # at once if that is over
        await _until_queue_has_room(runtime)
        next_at = clock.time() + settings.dispatch_min_interval_ms / 1000
        before = cursor
        _, cursor = await _enqueue_after(runtime, subscription, before)
        if cursor != saved and clock.time() >= save_at:
            await runtime.store.checkpoints.advance(CHECKPOINT, cursor)
            saved, save_at = cursor, clock.time() + _CHECKPOINT_SECONDS
        if before.events_until(cursor) < settings.dispatch_batch_events:
            await appended.wait(_CHECKPOINT_SECONDS if cursor != saved else settings.dispatch_poll_seconds)


async def _checkpoint(runtime: Runtime) -> LogCursor:
    return await runtime.store.checkpoints.cursor(CHECKPOINT, runtime.capture.log.partitions)


async def _enqueue_after(
    runtime: Runtime, subscription: Subscription, cursor: LogCursor
) -> tuple[int, LogCursor]:
    """Enqueue the leads of the next events. Returns how many leads, and the place behind these events."""
    leads, last = await subscription.leads_after(cursor, runtime.settings.dispatch_batch_events)
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
