"""The dispatcher process: of a log of one partition exactly one is active and others stand by; of several each does a share."""

from __future__ import annotations

from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.runtime import open_runtime
from engine.settings import Settings
from jobs.signals import until_stopped
from workflows.dispatch.groups import dispatch_with_others

__all__ = ["run_dispatcher"]


async def run_dispatcher(settings: Settings) -> None:
    """Dispatch under a lease, until the process is stopped."""
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        await until_stopped(dispatch_with_others(runtime))
