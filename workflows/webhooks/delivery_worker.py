"""Sends every webhook that is due, many at once, with room kept for each endpoint."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import AsyncIterator

from pymongo.errors import PyMongoError

from domain.instant import SECOND, Millis
from engine.runtime import Runtime
from engine.webhooks.delivery import Delivery
from workflows.webhooks.deliver import send_delivery

__all__ = ["DeliveryWorker", "enqueue_due_deliveries", "running_delivery_worker"]

_log = logging.getLogger(__name__)

AT_ONCE = 32
"""Messages under way in one process."""
AT_ONCE_TO_ONE = 4
"""Of these, to one endpoint, so that one that hangs does not hold up the others."""

_LEASE_IN_TIMEOUTS = 4
"""How long a message is one courier's: well beyond the longest attempt, a minute by default."""
_GRACE_SECONDS = 3.0
"""For what is under way when the process is told to stop. What is cut off is sent again when its lease ends."""


class DeliveryWorker:
    """Works in the background of its process, so that slow endpoints keep nothing else waiting."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._rung = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._working: asyncio.Task[int] | None = None
        self._stopping = False
        timeout = runtime.settings.webhook_timeout_seconds
        self._lease: Millis = round(_LEASE_IN_TIMEOUTS * timeout * SECOND)

    def ring(self) -> None:
        """Say that something is due: begin to work, or look again while at it."""
        self._rung.set()
        if self._working is None or self._working.done():
            self._working = asyncio.create_task(self.work(), name="courier")

    async def work(self) -> int:
        """Send until nothing is due and nothing is under way. Returns how many messages."""
        begun = 0
        while not self._stopping:
            self._rung.clear()
            begun += await self._begin()
            if not self._under_way and not self._rung.is_set():
                break
            await self._rung.wait()
        return begun

    async def stop(self) -> None:
        """Begin nothing more, wait a little for what is under way, and cut off the rest."""
        self._stopping = True
        self._rung.set()
        if self._working is not None:
            await asyncio.wait({self._working}, timeout=_GRACE_SECONDS)
        if self._under_way:
            await asyncio.wait(self._under_way, timeout=_GRACE_SECONDS)
        left = [task for task in (self._working, *self._under_way) if task is not None and not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left)

    async def _begin(self) -> int:
        """Claim and begin as many as there is room for. Returns how many."""
        begun = 0
        try:
            while not self._stopping and len(self._under_way) < AT_ONCE:
                delivery = await self._claim()
                if delivery is None:
                    break
                task = asyncio.create_task(send_delivery(self._runtime, delivery))
                self._under_way[task] = delivery.endpoint_id
                task.add_done_callback(self._ended)
                begun += 1
        except PyMongoError as error:
            _log.warning("Webhooks wait, for the store does not answer: %s", error)
        return begun

    async def _claim(self) -> Delivery | None:
        sends = Counter(self._under_way.values())
        busy = [endpoint for endpoint, number in sends.items() if number >= AT_ONCE_TO_ONE]
        return await self._runtime.webhooks.deliveries.claim(self._runtime.now(), self._lease, busy)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Make room for the next one. What failed to be written down is sent again when its lease ends."""
        del self._under_way[task]
        self._rung.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error("A webhook will be sent again, for its end was not written down.", exc_info=error)


@contextlib.asynccontextmanager
async def running_delivery_worker(runtime: Runtime) -> AsyncIterator[DeliveryWorker]:
    """A courier that is stopped at the end."""
    courier = DeliveryWorker(runtime)
    try:
        yield courier
    finally:
        await courier.stop()


async def enqueue_due_deliveries(runtime: Runtime) -> bool:
    """Ring if any webhook's time has come. Whether it rang."""
    if not await runtime.webhooks.deliveries.are_due(runtime.now()):
        return False
    await runtime.work_queue.enqueue_deliveries()
    return True
