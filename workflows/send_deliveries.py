"""Sends every webhook that is due, many at once, with room kept for each endpoint."""

from __future__ import annotations

import asyncio
from collections import Counter

from domain.instant import SECOND, Millis
from engine.runtime import Runtime
from workflows.send_delivery import send_delivery

__all__ = ["ring_due_deliveries", "send_due_deliveries"]

AT_ONCE = 32
"""Messages under way in one process."""
AT_ONCE_TO_ONE = 4
"""Of these, to one endpoint, so that one that hangs does not hold up the others."""

_LEASE: Millis = 60 * SECOND
_WORK_SECONDS = 30.0
"""After which no more are begun: the next ring goes on."""

_UnderWay = dict[asyncio.Task[None], str]


async def send_due_deliveries(runtime: Runtime) -> int:
    """Attempt what is due until nothing is, or half a minute has passed. Returns the number of attempts."""
    under_way: _UnderWay = {}
    begun, until = 0, asyncio.get_running_loop().time() + _WORK_SECONDS
    try:
        while True:
            if asyncio.get_running_loop().time() < until:
                begun += await _begin(runtime, under_way)
            if not under_way:
                return begun
            done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                del under_way[task]
                task.result()
    finally:
        for task in under_way:
            task.cancel()
        if under_way:
            await asyncio.wait(under_way)


async def _begin(runtime: Runtime, under_way: _UnderWay) -> int:
    """Claim and begin as many as there is room for. Returns how many."""
    begun = 0
    while len(under_way) < AT_ONCE:
        busy = [
            endpoint for endpoint, sends in Counter(under_way.values()).items() if sends >= AT_ONCE_TO_ONE
        ]
        delivery = await runtime.webhooks.deliveries.claim(runtime.now(), _LEASE, busy)
        if delivery is None:
            break
        under_way[asyncio.create_task(send_delivery(runtime, delivery))] = delivery.endpoint_id
        begun += 1
    return begun


async def ring_due_deliveries(runtime: Runtime) -> bool:
    """Ring if any webhook's time has come. Whether it rang."""
    if not await runtime.webhooks.deliveries.are_due(runtime.now()):
        return False
    await runtime.doorbell.ring_deliveries()
    return True
