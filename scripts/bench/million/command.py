"""`python -m scripts.bench million`: fills a store through ingest, goes on where it stopped, and shows its figures."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import uvloop
from msgspec.structs import replace
from rich.console import Console

from domain.errors import LeadEngineError
from scripts.bench.checks import WrongResult
from scripts.bench.million.fill import Fill
from scripts.bench.million.journal import Journal, Scale
from scripts.bench.million.measure import measure_size
from scripts.bench.million.rows import rows_of
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.processes.services import run_services
from scripts.bench.questions.screens import LISTS
from scripts.bench.report.background_load import Moment
from scripts.bench.report.json_report import as_json
from scripts.bench.report.machine import Machine, describe_machine, words
from scripts.bench.report.markdown import as_markdown
from scripts.bench.report.table import table_of
from scripts.bench.runner import Answers
from scripts.bench.workbench import Workbench

__all__ = ["fill_and_measure", "million"]

_DATABASE = "million"
_WIDTH = 150


@click.command("million", context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--leads", default=1_000_000, show_default=True, type=click.IntRange(min=1), help="Leads.")
@click.option(
    "--events", type=click.IntRange(min=1), help="Events of all leads together. [default: 20 for each lead]"
)
@click.option(
    "--data",
    default=Path(".data/bench-million"),
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="The folder that keeps the store. A second start goes on where the first one stopped.",
)
@click.option(
    *("--json", "file"),
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write every sample to this file.",
)
@click.option(
    *("--markdown", "document"),
    type=click.Path(path_type=Path, dir_okay=False),
    help="Also write the table for documents to this file.",
)
def million(leads: int, events: int | None, data: Path, file: Path | None, document: Path | None) -> None:
    """Fill a store with a million leads through the product's own ingest, and measure it.

    Ingest, lag, lists, queue, intelligence, replay, disk and memory, beside the same figures at 10,000 leads, which
    are taken on the way. Stop it at any time: a second start goes on. Remove the folder to begin again. Takes hours
    and 15 GB of disk at the default size. Exits with 1 if anything was wrong.
    """
    say, at, before = partial(click.echo, err=True), datetime.now(UTC), Moment.now()
    try:
        scale = Scale(leads=leads, events=20 * leads if events is None else events)
        data.mkdir(parents=True, exist_ok=True)
        journal = Journal.open(data, scale, at)
        machine, answers = uvloop.run(_run(journal, scale, say))
    except (LeadEngineError, WrongResult) as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    machine = replace(machine, others=Moment.now().share_of_others_since(before, machine.cores))
    console = Console(highlight=False)
    console = console if console.is_terminal else Console(width=_WIDTH, highlight=False)
    console.print(words(machine), markup=False)
    console.print(table_of(answers.rows))
    if file is not None:
        file.write_bytes(as_json(answers, machine, at, quick=False))
    if document is not None:
        document.write_text(as_markdown(answers.rows, machine), encoding="utf-8")


async def _run(journal: Journal, scale: Scale, say: partial[None]) -> tuple[Machine, Answers]:
    if done := len(journal.blocks):
        say(
            f"{journal.folder} holds {done * scale.block_leads:,} of {scale.leads:,} leads: going on from there"
        )
    async with run_services(Path(journal.folder)) as services:
        bench = Workbench(services, quick=False, say=say)
        machine = await describe_machine(services, bench.settings())
        return machine, await fill_and_measure(journal, scale, bench)


async def fill_and_measure(
    journal: Journal, scale: Scale, bench: Workbench, lists: Sequence[str] = LISTS
) -> Answers:
    """Fill the store to both sizes and measure it at each. Raises `WrongResult` if anything is wrong."""
    settings = bench.settings().model_copy(update={"mongodb_database": _DATABASE})
    async with bench.engine_on(settings, *ALL_PARTS) as (engine, runtime):
        fill = Fill(journal, engine, runtime, bench)
        if journal.small is None:
            await fill.up_to(scale.small_blocks, scale.blocks)
            journal.small = await measure_size(journal, engine, runtime, bench, lists)
            journal.save()
        await fill.up_to(scale.blocks, scale.blocks)
        large = await measure_size(journal, engine, runtime, bench, lists)
    return Answers(rows_of(journal, journal.small, large), {})
