"""`lead-engine decay`: one pass of the decay job over all leads."""

from __future__ import annotations

from datetime import datetime

import click

from domain.instant import date_bucket, from_datetime
from engine.passes.report import PassReport
from engine.process.gc_tuning import freeze_heap
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import MOMENT, exits, in_utc, run, settings_with_logs
from scripts.terminal.long_pass import follow_pass, is_complete
from scripts.terminal.progress import progress_bar
from workflows.decay.decay import apply_decay, check_moment
from workflows.passes.control import start_pass
from workflows.passes.decay_share import summary_of

__all__ = ["decay", "decay_on_workers", "run_decay"]


@click.command()
@click.option("--as-of", type=MOMENT, help="Instant to look at, UTC; now by default. Not in the future.")
@click.option(
    "--on-workers",
    is_flag=True,
    help="Let the workers share the leads, in PASS_SHARES shares. Ctrl-C leaves it to them.",
)
@exits
def decay(as_of: datetime | None, on_workers: bool) -> int | None:  # noqa: FBT001
    """Record what time alone has changed in any lead: one event per change, as of its moment.

    For cron; the scheduler also runs it nightly, and looks at leads whose moment has come all the time. Scores are right
    without it: these events make the decline visible in the history and to automations, and refresh lists.
    """
    work = decay_on_workers if on_workers else run_decay
    return run(work(settings_with_logs(), in_utc(as_of)))


async def decay_on_workers(settings: Settings, as_of: datetime | None) -> int:
    """Begin a pass on the workers, or find the one that is under way, follow it and print its report.

    Returns the exit code: 1 if it was stopped or a share was given up, else 0.
    """
    async with open_runtime(settings) as runtime:
        at = runtime.now() if as_of is None else from_datetime(as_of)
        check_moment(runtime, at)
        one = await follow_pass(runtime, await start_pass(runtime, "decay", as_of=at))
    _print(date_bucket("day", one.shares[0].as_of), one.report)
    return 0 if is_complete(one) else 1


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
    _print(report.day, summary_of(report))


def _print(day: str, found: PassReport) -> None:
    failed = f", {found['failed']} cannot be folded" if found["failed"] else ""
    print(
        f"Decay of {day}: {found['leads']} leads looked at, {found['written']} changes recorded, "
        f"{found['already']} had been recorded before, {found['refreshed']} refreshed in lists{failed}."
    )
