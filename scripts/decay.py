"""`lead-engine decay`."""

from __future__ import annotations

from datetime import datetime

from domain.instant import from_datetime
from engine.process.gc_tuning import freeze_heap
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.terminal.progress import progress_bar
from workflows.leads.decay import apply_decay

__all__ = ["run_decay"]


async def run_decay(settings: Settings, as_of: datetime | None) -> None:
    """One pass over all leads."""
    async with open_runtime(settings) as runtime:
        freeze_heap()
        with progress_bar() as bar:
            task = bar.add_task("Leads", total=await runtime.leads.states.count())
            report = await apply_decay(
                runtime,
                None if as_of is None else from_datetime(as_of),
                on_progress=lambda so_far: bar.update(task, completed=so_far.leads),
            )
    print(
        f"Decay of {report.day}: {report.leads} leads looked at, {report.written} written down, "
        f"{report.already} had been already."
    )
