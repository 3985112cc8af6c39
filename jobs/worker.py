"""A worker process: Dramatiq threads that hand messages to one event loop with one runtime."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading

import uvloop
from dramatiq import Worker
from redis.exceptions import RedisError

from engine.broker import Doorbell, connect_broker
from engine.settings import Settings
from jobs.actors import declare_actors
from jobs.runtime_of_worker import RuntimeOfWorker

__all__ = ["run_worker"]

_log = logging.getLogger(__name__)

_STOP_MILLISECONDS = 5_000
_MOST_STOP_SECONDS = 12.0


def run_worker(settings: Settings) -> None:
    """Process messages until SIGTERM or Ctrl-C; what is under way is finished first.

    What has not ended in twelve seconds, because MongoDB or Redis does not answer, is cut off as if killed.
    """
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())  # Dramatiq makes the loop of its own accord
    broker = connect_broker(settings)
    doorbell = Doorbell(broker, leads_at_a_time=settings.fold_batch_leads)
    runtime = RuntimeOfWorker(settings, doorbell)
    broker.add_middleware(runtime)
    declare_actors(broker, runtime)
    worker = Worker(broker, worker_threads=settings.worker_threads, worker_timeout=settings.worker_poll_ms)
    worker.start()
    stopped.wait()
    _stop(worker)
    broker.close()


def _stop(worker: Worker) -> None:
    last_resort = threading.Timer(_MOST_STOP_SECONDS, _cut_off, ("it takes too long",))
    last_resort.daemon = True
    last_resort.start()
    try:
        worker.stop(timeout=_STOP_MILLISECONDS)
    except (
        RedisError
    ) as error:  # it has stopped half-way, and the thread of its event loop would run for ever
        _cut_off(str(error))
    last_resort.cancel()


def _cut_off(reason: str) -> None:
    _log.warning("The worker cannot end in peace and is cut off, which is safe: %s", reason)
    logging.shutdown()
    os._exit(0)
