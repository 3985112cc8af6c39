"""The runtime of a worker, opened on its event loop before the first message and closed after the last."""

from __future__ import annotations

import contextlib

import dramatiq
from dramatiq.asyncio import async_to_sync

from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.queue.work_queue import WorkQueue
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from workflows.work.loops import running_work_loops

__all__ = ["WorkerRuntime"]


class WorkerRuntime(dramatiq.Middleware):
    """Runtime and work loops as middleware. Add it after AsyncIO: Dramatiq boots in order and shuts down in reverse."""

    def __init__(self, settings: Settings, work_queue: WorkQueue) -> None:
        self._settings = settings
        self._work_queue = work_queue
        self._open = contextlib.AsyncExitStack()
        self._runtime: Runtime | None = None
        self.failure: Exception | None = None
        """Why it could not be opened."""

    @property
    def runtime(self) -> Runtime:
        """The open runtime."""
        assert self._runtime is not None, "messages arrive only between boot and shutdown"
        return self._runtime

    def before_worker_boot(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002
        try:
            async_to_sync(self._start)()
        except Exception as error:
            self.failure = error
            raise

    def after_worker_shutdown(self, broker: dramatiq.Broker, worker: dramatiq.Worker) -> None:  # noqa: ARG002
        async_to_sync(self._open.aclose)()

    async def _start(self) -> None:
        await self._open.enter_async_context(watched_loop(self._settings.loop_stall_seconds))
        self._runtime = await self._open.enter_async_context(
            open_runtime(self._settings, work_queue=self._work_queue)
        )
        await self._open.enter_async_context(self._runtime.operations.in_flight.heartbeat())
        await self._open.enter_async_context(running_work_loops(self._runtime))
        freeze_heap()
