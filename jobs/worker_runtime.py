"""Opens the runtime on the event loop of a worker before the first message, and closes it after the last."""

from __future__ import annotations

import contextlib

import dramatiq
from dramatiq.asyncio import async_to_sync

from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.queue.work_queue import WorkQueue
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from workflows.webhooks.delivery_worker import DeliveryWorker, running_delivery_worker

__all__ = ["WorkerRuntime"]


class WorkerRuntime(dramatiq.Middleware):
    """Add it after AsyncIO: Dramatiq boots middleware in order and shuts it down in reverse."""

    def __init__(self, settings: Settings, work_queue: WorkQueue) -> None:
        self._settings = settings
        self._doorbell = work_queue
        self._open = contextlib.AsyncExitStack()
        self._runtime: Runtime | None = None
        self._courier: DeliveryWorker | None = None
        self.failure: Exception | None = None
        """Why it could not be opened."""

    @property
    def runtime(self) -> Runtime:
        """The open runtime."""
        assert self._runtime is not None, "messages arrive only between boot and shutdown"
        return self._runtime

    @property
    def courier(self) -> DeliveryWorker:
        """Who sends the webhooks of this process."""
        assert self._courier is not None, "messages arrive only between boot and shutdown"
        return self._courier

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
            open_runtime(self._settings, work_queue=self._doorbell)
        )
        await self._open.enter_async_context(self._runtime.operations.in_flight.heartbeat())
        self._courier = await self._open.enter_async_context(running_delivery_worker(self._runtime))
        freeze_heap()
