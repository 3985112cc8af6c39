"""The dispatcher process: exactly one is active, any number stand by."""

from __future__ import annotations

from engine.process.gc_tuning import freeze_heap
from engine.process.watchdog import watched_loop
from engine.runtime import open_runtime
from engine.settings import Settings
from jobs.signals import until_stopped
from workflows.dispatch.dispatch import dispatch_for_ever

__all__ = ["run_dispatcher"]


async def run_dispatcher(settings: Settings) -> None:
    """Dispatch while holding the lease, until the process is stopped."""
    async with watched_loop(settings.loop_stall_seconds), open_runtime(settings) as runtime:
        freeze_heap()
        await until_stopped(runtime.store.leases.run_alone("dispatcher", lambda: dispatch_for_ever(runtime)))
