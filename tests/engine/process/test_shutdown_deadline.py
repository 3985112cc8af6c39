"""A process that cannot end in peace is cut off, and its exit code says whether it had failed."""

from __future__ import annotations

import subprocess
import sys

import pytest

WORKER = """
import os, signal, threading
from dramatiq.brokers.stub import StubBroker
from redis.exceptions import RedisError
import jobs.worker
from engine.settings import Settings

class Worker:
    def __init__(self, *_, **__):
        pass
    def start(self):
        if %(stopped)s:
            os.kill(os.getpid(), signal.SIGTERM)
    def stop(self, timeout):
        %(stop)s

class Runtime(jobs.worker.WorkerRuntime):
    runtime = None
    def __init__(self, *_):
        self.failure = %(failure)s

jobs.worker._MAX_STOP_SECONDS /= 60
jobs.worker.Worker, jobs.worker.WorkerRuntime = Worker, Runtime
jobs.worker.connect_broker = lambda settings: StubBroker()
jobs.worker.WorkQueue = jobs.worker.declare_actors = lambda *_, **__: None
jobs.worker.run_worker(Settings(_env_file=None))
"""
"""A worker without MongoDB and Redis."""

STOPS = {"ends": "pass", "hangs": "threading.Event().wait(20)", "breaks": "raise RedisError('gone')"}
FAILED = "RuntimeError('no rulebook')"


def _run(code: str) -> int:
    return subprocess.run([sys.executable, "-c", code], timeout=30, check=False).returncode


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_process_whose_time_is_up_ends_with_the_code_that_it_was_given(exit_code):
    begun = f"from engine.process.shutdown_deadline import ShutdownDeadline; ShutdownDeadline(0.05).begin({exit_code})"
    assert _run(f"{begun}; import threading; threading.Event().wait(20)") == exit_code


@pytest.mark.parametrize("stop", STOPS.values(), ids=STOPS.keys())
@pytest.mark.parametrize(
    ("failure", "stopped", "exit_code"),
    [(FAILED, False, 1), (None, True, 0), (FAILED, True, 0)],
    ids=["failed", "stopped", "stopped while it failed"],
)
def test_a_worker_that_could_not_start_never_exits_as_if_it_had_been_stopped(
    stop, failure, stopped, exit_code
):
    assert _run(WORKER % {"stop": stop, "failure": failure, "stopped": stopped}) == exit_code
