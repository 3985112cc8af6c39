"""A job of the scheduler: one run at a time, bounded in time, and noted when it has completed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from typing import Any

from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from engine.process.tasks import within
from engine.runtime import Runtime

__all__ = ["ScheduledJob"]

_log = logging.getLogger(__name__)


class ScheduledJob:
    """A job as APScheduler calls it. APScheduler starts no run beside one that has not ended, so none may hang.

    A run that takes longer than `max_seconds` is cancelled, or abandoned if that does not end it, and logged as an error.
    """

    def __init__(
        self,
        runtime: Runtime,
        name: str,
        job: Callable[[Runtime], Coroutine[Any, Any, object]],
        max_seconds: float,
    ) -> None:
        self._runtime = runtime
        self._name = name
        self._job = job
        self._max_seconds = max_seconds

    async def run(self) -> None:
        """One run. An expected failure is logged, and the next run comes all the same."""
        try:
            await within(self._max_seconds, self._job(self._runtime))
        except (LeadEngineError, PyMongoError) as error:
            _log.warning("%s failed and will run again: %s", self._name, error)
        except TimeoutError:
            _log.error(
                "%s hung for %g s; it was abandoned and will run again.", self._name, self._max_seconds
            )
        else:
            await self._runtime.operations.loops.completed(self._name)
