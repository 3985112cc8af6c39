"""`lead-engine decay`: one pass of the decay job over all leads."""

from __future__ import annotations

from datetime import datetime

import click

from domain.instant import from_datetime
from engine.process.gc_tuning import freeze_heap
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import MOMENT, exits, in_utc, run, settings_with_logs
from scripts.terminal.progress import progress_bar
from workflows.decay.decay import apply_decay

__all__ = ["decay", "run_decay"]


@click.command()
@click.option("--as-of", type=MOMENT, help="Instant to look at, UTC; now by default. Not in the future.")
@exits
def decay(as_of: datetime | None) -> int | None:
    """Record what time alone has changed in any lead: one event per change, as of its moment.

    For cron; the scheduler also runs it nightly, and looks at leads whose moment has come all the time. Scores are right
    without it: these events make the decline visible in the history and to automations, and refresh lists.
    """
    return run(run_decay(settings_with_logs(), in_utc(as_of)))


async def run_decay(settings: Settings, as_of: datetime | None) -> None:
    """One pass over all leads."""
    async with open_runtime(settings) as runtime:
        freeze_heap()
        with progress_bar() as bar:
            task = bar.add_task("Leads", total=await runtime.leads.lists.count())
            report = await apply_decay(
                runtime,
                None if as_of is None else from_datetime(as_of),
                on_progress=lambda so_far: bar.update(task, completed=so_far.leads),
            )
    print(
        f"Decay of {report.day}: {report.leads} leads looked at, {report.written} changes recorded, "
        f"{report.already} had been recorded before, {report.refreshed} refreshed in lists"
        f"{f', {report.failed} cannot be folded' if report.failed else ''}."
    )
