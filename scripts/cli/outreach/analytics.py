"""`lead-engine analytics`: what became of messages, in numbers; rebuild and verify what is counted."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from typing import get_args

import click
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table

from domain.analytics.counts import Counts, Grouping, shares
from domain.errors import Invalid
from domain.instant import DAY, from_datetime
from domain.teams.visibility import EVERY_LEAD
from engine.analytics.selection import Selection
from engine.process.printable import printable
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import MOMENT, exits, in_utc, run, settings_with_logs
from scripts.terminal.progress import progress_bar
from workflows.analytics.as_csv import as_csv
from workflows.analytics.count import DEFAULT_PERIOD, DEFAULT_WINDOW, MAX_ROWS, CountedRows, count_messages
from workflows.analytics.verify import ResultReport, rebuild_results, verify_results

__all__ = ["analytics", "rebuild", "show", "verify"]

_SHOWN = 20
_MAX_DAYS = 3650
_COLUMNS = ("sent", "withheld", "opened", "clicked", "replied", "meetings", "optOuts", "leads", "conversions")
"""Numbers of the table; CSV has them all."""
_WIDTH = 140
"""Characters that the widest table needs: a narrower one would cut names off."""


@click.group()
def analytics() -> None:
    """Count what became of messages, and rebuild and verify what is counted."""


@analytics.command("show")
@click.option(
    "--by",
    type=click.Choice(get_args(Grouping)),
    default="sequence",
    show_default=True,
    help="One row per what.",
)
@click.option("--from", "since", type=MOMENT, help="Only messages from then on, in UTC; 90 days by default.")
@click.option("--to", "until", type=MOMENT, help="Only messages before then, in UTC; now by default.")
@click.option("--sequence", help="Only messages of this sequence, or of one version of it: welcome@2.")
@click.option("--channel", help="Only messages of this channel.")
@click.option("--campaign", help="Only messages of the campaign of this id.")
@click.option(
    "--window-days",
    type=click.IntRange(1, _MAX_DAYS),
    default=DEFAULT_WINDOW // DAY,
    show_default=True,
    help="Days after a message within which a lead may be won to count as its conversion.",
)
@click.option("--csv", "is_csv", is_flag=True, help="Print CSV, with every number, reason and intent.")
@exits
def show_command(
    *,
    by: Grouping,
    since: datetime | None,
    until: datetime | None,
    sequence: str | None,
    channel: str | None,
    campaign: str | None,
    window_days: int,
    is_csv: bool,
) -> int | None:
    """Show a row of numbers per sequence, step, variant, channel or campaign."""

    def selection(now: int) -> Selection:
        of_period = _selection(now, in_utc(since), in_utc(until), sequence, window_days)
        return replace(of_period, channel=channel, campaign=campaign)

    return run(show(settings_with_logs(), by, selection, is_csv=is_csv))


@analytics.command("rebuild")
@exits
def rebuild_command() -> int | None:
    """Work out what became of every message again from the stored events. Safe while the engine runs."""
    return run(rebuild(settings_with_logs()))


@analytics.command("verify")
@exits
def verify_command() -> int | None:
    """Compare what is counted with the stored events; exit with 1 if anything differs."""
    return run(verify(settings_with_logs()))


async def show(
    settings: Settings, by: Grouping, selection: Callable[[int], Selection], *, is_csv: bool
) -> None:
    """Print a table, or CSV. Raises `Invalid` for a wrong period or sequence."""
    async with open_runtime(settings) as runtime:
        found = await count_messages(runtime, EVERY_LEAD, selection(runtime.now()), by)
    if is_csv:
        sys.stdout.write(as_csv(found.rows, by))
    else:
        _show(found, by)
    if found.has_more:
        click.echo(f"There are more than {MAX_ROWS} rows; the others are left out.", err=True)
    if found.events_behind:
        click.echo(f"{found.events_behind} events are not counted yet.", err=True)


async def rebuild(settings: Settings) -> None:
    """Rebuild with a progress bar. Raises `Unavailable` while another process projects."""
    async with open_runtime(settings) as runtime:
        with progress_bar() as bar:
            task = bar.add_task("Streams", total=None)
            done = await rebuild_results(runtime, lambda done: bar.update(task, completed=done))
    print(f"What became of the messages of {done} streams is as their events say.")


async def verify(settings: Settings) -> int:
    """Verify with a progress bar and print what differs. Returns the exit code: 1 on any difference."""
    async with open_runtime(settings) as runtime:
        with progress_bar() as bar:
            task = bar.add_task("Streams", total=None)
            report = await verify_results(runtime, lambda done: bar.update(task, completed=done))
    _show_report(report)
    return 1 if report.drifts else 0


def _selection(
    now: int, since: datetime | None, until: datetime | None, sequence: str | None, window_days: int
) -> Selection:
    last = now + 1 if until is None else from_datetime(until)
    first = last - DEFAULT_PERIOD if since is None else from_datetime(since)
    if first >= last:
        raise Invalid("--from: must be before --to.")
    name, has_version, version = (sequence or "").partition("@")
    if has_version and not (version.isascii() and version.isdecimal()):
        raise Invalid("--sequence: write a name, or a name and a version such as welcome@2.")
    return Selection(
        since=first,
        until=last,
        window=window_days * DAY,
        sequence=name or None,
        version=int(version) if version else None,
    )


def _show(found: CountedRows, by: Grouping) -> None:
    if not found.rows:
        print("No message is counted here.")
        return
    console = Console(highlight=False, markup=False, width=max(Console().width, _WIDTH))
    table = Table(by, *_COLUMNS, box=None)
    for row in found.rows:
        numbers = [_number(row, name, is_share=by == "variant") for name in _COLUMNS]
        table.add_row(printable(_place(row, by)), *numbers)
    console.print(table)
    if by == "variant":
        print(
            "In brackets: the 95 % interval of the share (Wilson), of the messages sent or the leads written to."
        )


def _place(row: Counts, by: Grouping) -> str:
    """What the row is of, such as `welcome@2 step 1 short`."""
    if by in {"channel", "campaign"}:
        return str(getattr(row, by))
    step = "" if row.step is None else f" step {row.step}"
    variant = "" if row.variant is None else f" {row.variant}"
    return f"{row.sequence}@{row.version}{step}{variant}"


def _number(row: Counts, name: str, *, is_share: bool) -> str:
    """The number; of variants with the interval of its share, in percent."""
    numbers = {str(measure): number for measure, number in row.numbers.items()}
    share = shares(row).get(name) if is_share else None
    interval = "" if share is None else f" [{share.low * 100:.0f}-{share.high * 100:.0f} %]"
    return f"{numbers[name]}{interval}"


def _show_report(report: ResultReport) -> None:
    print(f"{report.messages} messages compared with their events: {len(report.drifts)} differ.")
    for drift in report.drifts[:_SHOWN]:
        print(f"  {printable(drift.message_id)} {drift.what}")
    if len(report.drifts) > _SHOWN:
        print(f"  and {len(report.drifts) - _SHOWN} more.")
    if report.drifts:
        print("`lead-engine analytics rebuild` corrects them.")
