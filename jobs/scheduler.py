"""The scheduler process: periodic jobs, the nightly decay job and the nightly training. Exactly one is active, any number stand by."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from jobs.scheduled_job import ScheduledJob
from jobs.signals import until_stopped
from jobs.training import train_in_child
from workflows.accounts.project import project_changes
from workflows.analytics.project import follow_results
from workflows.decay.decay import apply_decay
from workflows.decay.record_due import record_due
from workflows.dispatch.reconcile import reconcile
from workflows.hooks.poll_mailbox import poll_mailbox
from workflows.identity.index_names import index_names
from workflows.leads.isolate_poison import suspect_leads_of_dead_workers
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.operations.background_loops import (
    ACCOUNTS,
    ANALYTICS,
    DEAD_WORKERS,
    DUE_LEADS,
    FIND_REPLIES,
    INDEX_NAMES,
    MAILBOX,
    MAX_SECONDS,
    PREVIEWS,
    REBUILD,
    RECONCILE,
    SHADOW,
)
from workflows.replies.follow import enqueue_replies
from workflows.rule_lab.background import work_on_previews
from workflows.rule_lab.shadow import follow_shadow

__all__ = ["run_scheduler"]

_DEAD_WORKERS_SECONDS = 1
_REBUILD_SECONDS = 2
_DUE_SECONDS = 20
_NAMES_SECONDS = 2
_ACCOUNTS_SECONDS = 2
_REPLIES_SECONDS = 1
_ANALYTICS_SECONDS = 2
_PREVIEW_SECONDS = 1
_TRAINING_SECONDS = 12 * 3600
_DECAY_SECONDS = 12 * 3600
"""For one pass over all leads; and how late it may begin, if no scheduler was active at its time."""


async def run_scheduler(settings: Settings) -> None:
    """Run the jobs while holding the lease, until the process is stopped."""
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        await until_stopped(runtime.store.leases.run_alone("scheduler", lambda: _run_jobs(runtime)))


async def _run_jobs(runtime: Runtime) -> None:
    timers = AsyncIOScheduler(timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1})

    def every(seconds: float, name: str, job: Callable[[Runtime], Coroutine[Any, Any, object]]) -> None:
        scheduled = ScheduledJob(runtime, name, job, MAX_SECONDS[name])
        timers.add_job(scheduled.run, "interval", seconds=seconds, misfire_grace_time=None)

    every(runtime.settings.reconcile_seconds, RECONCILE, reconcile)
    every(_DEAD_WORKERS_SECONDS, DEAD_WORKERS, suspect_leads_of_dead_workers)
    every(_REBUILD_SECONDS, REBUILD, rebuild_outdated)
    every(_DUE_SECONDS, DUE_LEADS, record_due)
    every(_NAMES_SECONDS, INDEX_NAMES, index_names)
    every(runtime.settings.imap_poll_seconds, MAILBOX, poll_mailbox)
    every(_ACCOUNTS_SECONDS, ACCOUNTS, project_changes)
    every(_ANALYTICS_SECONDS, ANALYTICS, follow_results)
    every(_REPLIES_SECONDS, FIND_REPLIES, enqueue_replies)
    every(_PREVIEW_SECONDS, PREVIEWS, work_on_previews)
    every(_PREVIEW_SECONDS, SHADOW, follow_shadow)
    hour, minute = map(int, runtime.settings.decay_at.split(":"))
    decay = ScheduledJob(runtime, "decay", apply_decay, _DECAY_SECONDS)
    timers.add_job(decay.run, "cron", hour=hour, minute=minute, misfire_grace_time=_DECAY_SECONDS)
    if at := runtime.settings.prediction_train_at:
        hour, minute = map(int, at.split(":"))
        training = ScheduledJob(runtime, "training", train_in_child, _TRAINING_SECONDS)
        timers.add_job(training.run, "cron", hour=hour, minute=minute, misfire_grace_time=_TRAINING_SECONDS)
    timers.start()
    try:
        await asyncio.Event().wait()
    finally:
        timers.shutdown(wait=False)
