"""The sole projector of a projection: verification and rebuild hold its lease, so that nobody projects meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

from domain.errors import Unavailable
from engine.runtime import Runtime

__all__ = ["in_batches", "sole_projector"]

_WAIT_SECONDS = 60
_POLL_SECONDS = 0.2


@contextlib.asynccontextmanager
async def sole_projector(runtime: Runtime, lease: str, what: str) -> AsyncIterator[None]:
    """Hold the lease while the context is open; work of more than its time takes it again.

    Raises `Unavailable` while another process projects `what` for longer than a minute.
    """
    clock = asyncio.get_running_loop()
    until = clock.time() + _WAIT_SECONDS
    while not await runtime.store.leases.take(lease):
        if clock.time() > until:
            raise Unavailable(f"Another process projects {what}; try again.")
        await asyncio.sleep(_POLL_SECONDS)
    try:
        yield
    finally:
        await runtime.store.leases.release(lease)


async def in_batches(ids: AsyncIterator[str], size: int) -> AsyncIterator[list[str]]:
    """The ids in lists of this size; the last one may be shorter."""
    batch: list[str] = []
    async for one in ids:
        batch.append(one)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
