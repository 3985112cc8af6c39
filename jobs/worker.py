"""The worker process: Dramatiq threads that run actors on one event loop with one runtime, and work loops beside them."""

from __future__ import annotations

import asyncio
import signal
import threading

import uvloop
from dramatiq import Worker
from redis.exceptions import RedisError

from engine.process.shutdown_deadline import ShutdownDeadline
from engine.queue.broker import connect_broker
from engine.queue.work_queue import WorkQueue
from engine.settings import Settings
from jobs.actors import declare_actors
from jobs.worker_runtime import WorkerRuntime

__all__ = ["run_worker"]

_STOP_MILLISECONDS = 5_000
_MAX_STOP_SECONDS = 12.0


def run_worker(settings: Settings) -> None:
    """Process messages until SIGTERM or Ctrl-C; what is under way is finished first.

    A shutdown that takes more than twelve seconds, because MongoDB or Redis does not answer, is forced.
    Raises the failure that kept it from starting; if its shutdown is forced after that, the process exits with 1.
    """
    stopped = threading.Event()
    deadline = ShutdownDeadline(_MAX_STOP_SECONDS)

    def stop(*_: object, exit_code: int = 0) -> None:
        # The time for the shutdown begins here: the worker may still be starting, and wait for MongoDB.
        if not stopped.is_set():
            stopped.set()
            deadline.begin(exit_code)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Dramatiq creates the loop
    broker = connect_broker(settings)
    work_queue = WorkQueue(broker, leads_at_a_time=settings.fold_batch_leads)
    runtime = WorkerRuntime(settings, work_queue)
    broker.add_middleware(runtime)
    declare_actors(broker, runtime)
    worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=settings.worker_poll_ms)
    worker.start()
    if runtime.failure is None:
        stopped.wait()
    # Dramatiq logs a failed start and would go on without a runtime.
    failure = None if stopped.is_set() else runtime.failure
    exit_code = 0 if failure is None else 1
    stop(exit_code=exit_code)
    _stop(worker, exit_code)
    broker.close()
    if failure is not None:
        raise failure


def _stop(worker: Worker, exit_code: int) -> None:
    try:
        worker.stop(timeout=_STOP_MILLISECONDS)
    except RedisError as error:
        # It has stopped half-way, and the thread of its event loop would run for ever.
        ShutdownDeadline.force_exit(str(error), exit_code)
