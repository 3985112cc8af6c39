"""A worker process: Dramatiq threads that hand messages to one event loop with one runtime."""

from __future__ import annotations

import asyncio
import signal
import threading

import uvloop
from dramatiq import Worker

from engine.broker import Doorbell, connect_broker
from engine.settings import Settings
from jobs.actors import declare_actors
from jobs.runtime_of_worker import RuntimeOfWorker

__all__ = ["run_worker"]

_STOP_MILLISECONDS = 5_000


def run_worker(settings: Settings) -> None:
    """Process messages until SIGTERM or Ctrl-C; what is under way is finished first."""
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
    worker.stop(timeout=_STOP_MILLISECONDS)
    broker.close()
