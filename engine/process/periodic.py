"""Does something over and over in the background, and never for the last time because it failed once."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from pymongo.errors import PyMongoError

from engine.process.tasks import cancel_and_wait, raise_if_cancelled

__all__ = ["every"]

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def every(work: Callable[[], Awaitable[object]], seconds: float, trouble: str) -> AsyncIterator[None]:
    """Do the work every so many seconds while the context is open; `trouble` is logged when it fails."""

    async def repeat() -> None:
        while True:
            raise_if_cancelled()
            await asyncio.sleep(seconds)
            try:
                await work()
            except PyMongoError as error:
                _log.warning("%s: %s", trouble, error)
            except Exception:  # noqa: BLE001 - whatever it is, who stops looking knows nothing new for ever
                _log.exception("%s.", trouble)

    repeating = asyncio.create_task(repeat(), name=trouble)
    try:
        yield
    finally:
        await cancel_and_wait(repeating)
