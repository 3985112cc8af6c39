"""A job of the scheduler can fail or hang, and the next run comes all the same."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pymongo.errors import AutoReconnect

from domain.errors import Unavailable
from engine.process import tasks
from jobs.scheduled_job import ScheduledJob


class Job:
    """Runs as the fates say; `hang` leaves it in a call that does not even end when it is cancelled."""

    def __init__(self, *fates):
        self.fates = list(fates)
        self.runs = 0
        self.over = asyncio.Event()

    async def __call__(self, runtime):
        self.runs += 1
        fate = self.fates.pop(0) if self.fates else None
        if isinstance(fate, Exception):
            raise fate
        while fate == "hang" and not self.over.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self.over.wait()


@pytest.fixture(autouse=True)
def _no_patience(monkeypatch):
    monkeypatch.setattr(tasks, "_RETRY_SECONDS", 0.05)


async def completed(runtime):
    return set(await runtime.operations.loops.records(["job"]))


async def test_a_run_that_completes_is_noted(runtime):
    await ScheduledJob(runtime, "job", Job(), 1).run()
    assert await completed(runtime) == {"job"}


@pytest.mark.parametrize("failure", [Unavailable("Redis is away"), AutoReconnect("no primary")])
async def test_an_expected_failure_is_a_warning_and_not_noted_as_completed(runtime, caplog, failure):
    await ScheduledJob(runtime, "job", Job(failure), 1).run()
    assert [(one.levelname, str(failure) in one.message) for one in caplog.records] == [("WARNING", True)]
    assert await completed(runtime) == set()


async def test_a_run_that_hangs_is_abandoned_with_an_error_and_not_noted_as_completed(runtime, caplog):
    job = Job("hang")
    await ScheduledJob(runtime, "job", job, 0.05).run()
    assert "job hung for 0.05 s" in caplog.text
    assert await completed(runtime) == set()
    job.over.set()


async def _runs_under_apscheduler(job, run):
    timers = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    timers.add_job(run, "interval", seconds=0.1)
    timers.start()
    try:
        await asyncio.sleep(1)
    finally:
        timers.shutdown(wait=False)
        job.over.set()
    return job.runs


async def test_a_run_that_hangs_does_not_keep_apscheduler_from_the_next_one(runtime):
    job = Job("hang")
    assert await _runs_under_apscheduler(job, ScheduledJob(runtime, "job", job, 0.05).run) > 1


async def test_control_without_a_bound_apscheduler_never_runs_a_job_again_that_hangs(runtime):
    job = Job("hang")

    async def run():
        await job(runtime)

    assert await _runs_under_apscheduler(job, run) == 1
