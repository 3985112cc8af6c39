"""`python -m scripts.bench`: asks the questions, shows the answers beside their baselines and targets."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop
from msgspec.structs import replace
from rich.console import Console

from domain.errors import LeadEngineError
from scripts.bench.all_questions import QUESTIONS
from scripts.bench.processes.services import run_services
from scripts.bench.report.background_load import Moment
from scripts.bench.report.json_report import as_json
from scripts.bench.report.machine import Machine, look_at_machine, words
from scripts.bench.report.markdown import as_markdown
from scripts.bench.report.narrator import Narrator
from scripts.bench.report.table import table_of
from scripts.bench.runner import Answers, ask_all
from scripts.bench.workbench import Question, Workbench

__all__ = ["bench"]

_WIDTH = 150
_NAMES = [question.name for question in QUESTIONS]


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\n" + "\n".join(f"{question.name:<16}{question.asks}" for question in QUESTIONS),
)
@click.option("--quick", is_flag=True, help="Smaller sizes and fewer rounds: 3 minutes instead of 15.")
@click.option(
    *("--only", "names"),
    multiple=True,
    type=click.Choice(_NAMES),
    metavar="NAME",
    help="Ask only this; may be repeated.",
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
def bench(*, quick: bool, names: tuple[str, ...], file: Path | None, document: Path | None) -> None:
    """Measure the whole engine on a MongoDB and a Valkey of its own, in a folder that is gone afterwards.

    Each figure stands beside a baseline of the same run, measured in turn with it. Exits with 0 also when targets are
    missed, and with 1 when something was wrong with what was measured. Ctrl-C shows what was found so far.
    """
    chosen = [question for question in QUESTIONS if not names or question.name in names]
    at = datetime.now(UTC)
    try:
        machine, answers = uvloop.run(_measure(chosen, quick=quick))
    except LeadEngineError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    _show(answers, machine)
    if file is not None:
        file.write_bytes(as_json(answers, machine, at, quick=quick))
    if document is not None:
        document.write_text(as_markdown(answers.rows, machine), encoding="utf-8")
    sys.exit(1 if answers.broken else 0)


async def _measure(questions: Sequence[Question], *, quick: bool) -> tuple[Machine, Answers]:
    measuring = asyncio.current_task()
    assert measuring is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    narrator, before = Narrator(len(questions)), Moment.now()
    async with run_services() as services:
        workbench = Workbench(services, quick=quick, say=narrator.say)
        machine = await look_at_machine(services, workbench.settings())
        answers = await ask_all(questions, workbench, narrator)
    return replace(machine, others=Moment.now().share_of_others_since(before, machine.cores)), answers


def _show(answers: Answers, machine: Machine) -> None:
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(width=_WIDTH, highlight=False)
    console.print(words(machine), markup=False)
    console.print(table_of(answers.rows))
    for name, trace in answers.broken.items():
        console.print(f"{name} is broken:\n{trace}", style="red", markup=False)


if __name__ == "__main__":
    bench()
