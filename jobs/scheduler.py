"""The scheduler process: timers that ring for what is due. Exactly one is active, any number stand by."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from pymongo.errors import PyMongoError

from domain.errors import LeadEngineError
from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from jobs.signals import until_stopped
from workflows.automations.run_execution import enqueue_due
from workflows.leads.decay import apply_decay
from workflows.leads.isolate_poison import suspect_leads_of_dead_workers
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.leads.reconcile import reconcile
from workflows.webhooks.delivery_worker import enqueue_due_deliveries

__all__ = ["run_scheduler"]

_log = logging.getLogger(__name__)

_DUE_SECONDS = 1
_DEAD_WORKERS_SECONDS = 1
_REBUILD_SECONDS = 2
_DECAY_GRACE_SECONDS = 12 * 3600


async def run_scheduler(settings: Settings) -> None:
    """Keep the timers while holding the lease, until told to stop."""
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        await until_stopped(runtime.store.leases.run_alone("scheduler", lambda: _keep_timers(runtime)))


async def _keep_timers(runtime: Runtime) -> None:
    settings = runtime.settings
    hour, minute = settings.decay_at.split(":")
    timers = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})
    timers.add_job(_quietly(reconcile, runtime), "interval", seconds=settings.reconcile_seconds)
    timers.add_job(_quietly(enqueue_due, runtime), "interval", seconds=_DUE_SECONDS)
    timers.add_job(_quietly(enqueue_due_deliveries, runtime), "interval", seconds=_DUE_SECONDS)
    timers.add_job(
        _quietly(suspect_leads_of_dead_workers, runtime), "interval", seconds=_DEAD_WORKERS_SECONDS
    )
    timers.add_job(_quietly(rebuild_outdated, runtime), "interval", seconds=_REBUILD_SECONDS)
    timers.add_job(
        _quietly(apply_decay, runtime),
        "cron",
        hour=int(hour),
        minute=int(minute),
        misfire_grace_time=_DECAY_GRACE_SECONDS,
    )
    timers.start()
    try:
        await asyncio.Event().wait()
    finally:
        timers.shutdown(wait=False)


def _quietly(job: Callable[[Runtime], Awaitable[object]], runtime: Runtime) -> Callable[[], Awaitable[None]]:
    """The job with expected failures logged; the timer comes round again."""

    async def run() -> None:
        try:
            await job(runtime)
        except (LeadEngineError, PyMongoError) as error:
            _log.warning("%s failed, it will run again: %s", getattr(job, "__name__", job), error)

    return run
