"""The supervised background loop: runs a coroutine periodically; a failed run is logged and the next one still happens."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from engine.process.tasks import cancel_and_wait, raise_if_cancelled

__all__ = ["every", "logged_failures"]

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def every(
    work: Callable[[], Awaitable[object]], seconds: float, failure: str, *, at_once: bool = False
) -> AsyncIterator[None]:
    """Run `work` in the background while the context is open, with a pause of `seconds` before each run.

    `failure` is what is logged when a run fails, for example "Cannot read the API keys". With `at_once` the first run
    has no pause before it. The work is cancelled and awaited when the context ends.
    """
    running = asyncio.create_task(_repeat(work, seconds, failure, at_once=at_once), name=failure)
    try:
        yield
    finally:
        await cancel_and_wait(running)


async def _repeat(
    work: Callable[[], Awaitable[object]], seconds: float, failure: str, *, at_once: bool
) -> None:
    pause = 0.0 if at_once else seconds
    while True:
        raise_if_cancelled()
        await asyncio.sleep(pause)
        pause = seconds
        with logged_failures(failure):
            await work()


@contextlib.contextmanager
def logged_failures(failure: str) -> Iterator[None]:
    """Log whatever fails within, and go on: expected errors as a warning, all others with their traceback."""
    try:
        yield
    except (PyMongoError, LeadEngineError) as error:
        _log.warning("%s: %s", failure, error)
    except Exception:  # noqa: BLE001 - a background loop that ends by a bug would never be missed until it is needed
        _log.exception("%s.", failure)
