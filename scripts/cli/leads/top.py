"""`lead-engine top`: the leads with the highest scores, refreshed live."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import click
from pymongo.errors import PyMongoError
from rich.console import Console, JustifyMethod
from rich.live import Live
from rich.table import Table
from rich.text import Text

from domain.errors import Unavailable
from engine.process.printable import printable
from engine.process.tasks import raise_if_cancelled
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.lead_facts import moment
from workflows.intelligence.best_leads import LeadNow, best_leads

__all__ = ["run_top", "top", "watch"]

_EPSILON = 0.005
"""Points. What would be shown as 0.00."""

_MIN_SECONDS = 0.2


@click.command()
@click.option("--stage", help="Only leads in this stage.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200), help="How many leads.")
@click.option(
    "--every",
    default=2.0,
    show_default=True,
    type=click.FloatRange(_MIN_SECONDS, 3600),
    help="Seconds between refreshes.",
)
@click.option("--once", is_flag=True, help="Print once and exit; the default without a terminal.")
@exits
def top(stage: str | None, limit: int, every: float, once: bool) -> int | None:  # noqa: FBT001
    """Watch the leads with the highest scores.

    Ctrl-C ends it.
    """
    try:
        return run(run_top(settings_with_logs(), stage, limit, every, once=once))
    except KeyboardInterrupt:
        return 0


async def run_top(settings: Settings, stage: str | None, limit: int, every: float, *, once: bool) -> None:
    """Show the table until Ctrl-C; once if requested, or if the output is not a terminal."""
    async with open_runtime(settings) as runtime:
        try:
            await watch(runtime, Console(highlight=False, markup=False), stage, limit, every, once=once)
        except PyMongoError as error:
            raise Unavailable(f"MongoDB has stopped answering: {error}") from error


async def watch(
    runtime: Runtime, console: Console, stage: str | None, limit: int, every: float, *, once: bool
) -> None:
    """Print the best leads, and again every `every` seconds while the console is a terminal."""
    leads = await best_leads(runtime, limit, stage)
    if once or not console.is_terminal:
        console.print(_table(runtime, leads, None))
        return
    with Live(_table(runtime, leads, None), console=console, auto_refresh=False) as live:
        live.refresh()
        with contextlib.suppress(asyncio.CancelledError):  # Ctrl-C cancels the task; that is how this ends
            while True:
                raise_if_cancelled()
                await asyncio.sleep(max(every, _MIN_SECONDS))
                before = {lead.lead_id: lead.assessment.score for lead in leads}
                leads = await best_leads(runtime, limit, stage)
                live.update(_table(runtime, leads, before), refresh=True)


def _table(runtime: Runtime, leads: Sequence[LeadNow], before: Mapping[str, float] | None) -> Table | Text:
    """The leads; `before` has the scores of the previous refresh, by lead id."""
    if not leads:
        return Text("No leads yet.")
    title = f"Best leads  {moment(runtime.now())} UTC"
    table = Table(title=title, title_justify="left", title_style="bold", box=None, padding=(0, 2, 0, 0))
    for name in ("Lead", "Stage", "Score", "Change", "Velocity", "Risk", "Next action"):
        numeric = name in {"Score", "Change", "Velocity"}
        justify: JustifyMethod = "right" if numeric else "left"
        table.add_column(name, justify=justify, no_wrap=name != "Lead", header_style="dim")
    for lead_id, assessment in leads:
        table.add_row(
            Text(printable(lead_id), no_wrap=True, overflow="ellipsis"),  # long ids give way
            assessment.stage,
            f"{assessment.score:.2f}",
            _change(lead_id, assessment.score, before),
            f"{assessment.velocity:.2f}",
            assessment.risk,
            assessment.next_action,
        )
    return table


def _change(lead_id: str, score: float, before: Mapping[str, float] | None) -> str:
    if before is None:
        return ""
    if lead_id not in before:
        return "new"
    change = score - before[lead_id]
    return f"{change:+.2f}" if abs(change) >= _EPSILON else ""
