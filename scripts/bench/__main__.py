"""`python -m scripts.bench`: asks the questions, shows the answers beside their baselines and targets."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
import uvloop
from rich.console import Console

from domain.errors import LeadEngineError
from scripts.bench.all_questions import QUESTIONS
from scripts.bench.figures import Row
from scripts.bench.machine import Machine, look_at_machine, words
from scripts.bench.narrator import Narrator
from scripts.bench.report import as_json
from scripts.bench.services import run_services
from scripts.bench.table import table_of
from scripts.bench.workbench import Question, Workbench

__all__ = ["bench"]

_WIDTH = 150
_NAMES = [question.name for question in QUESTIONS]


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\n" + "\n".join(f"{question.name:<16}{question.asks}" for question in QUESTIONS),
)
@click.option("--quick", is_flag=True, help="Smaller sizes and fewer rounds: under 3 minutes instead of 15.")
@click.option(
    "--only", multiple=True, type=click.Choice(_NAMES), metavar="NAME", help="Ask only this; may be repeated."
)
@click.option(
    "--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Also write every sample there."
)
def bench(*, quick: bool, only: tuple[str, ...], file: Path | None) -> None:
    """Measure the whole engine on a MongoDB and a Valkey of its own, in a folder that is gone afterwards.

    Each figure stands beside a baseline of the same run, measured in turn with it. Exits with 0 also when targets are
    missed, and with 1 when something was wrong with what was measured.
    """
    chosen = [question for question in QUESTIONS if not only or question.name in only]
    try:
        code = _measure(chosen, file, quick=quick)
    except LeadEngineError as error:
        click.echo(str(error), err=True)
        code = 1
    sys.exit(code)


def _measure(questions: Sequence[Question], file: Path | None, *, quick: bool) -> int:
    """Ask the questions and show what was found; the exit code."""
    at = datetime.now(UTC)
    rows: list[Row] = []
    broken: dict[str, str] = {}
    machine = uvloop.run(_ask(questions, rows, broken, quick=quick))
    _show(rows, machine, broken)
    if file is not None:
        file.write_bytes(as_json(rows, machine, broken, at, quick=quick))
    return 1 if broken else 0


async def _ask(
    questions: Sequence[Question], rows: list[Row], broken: dict[str, str], *, quick: bool
) -> Machine:
    narrator = Narrator(len(questions))
    async with run_services() as services:
        workbench = Workbench(services, quick=quick, say=narrator.say)
        machine = await look_at_machine(services, workbench.settings())
        for question in questions:
            try:
                with narrator.asking(question.name, question.asks):
                    found = await question.answer(workbench)
            except Exception as error:  # noqa: BLE001 - the other questions can still be answered
                broken[question.name] = "".join(traceback.format_exception(error))
                narrator.fail(question.name, error)
                continue
            narrator.tell(found)
            rows += found
    return machine


def _show(rows: Sequence[Row], machine: Machine, broken: dict[str, str]) -> None:
    terminal = Console(highlight=False)
    console = terminal if terminal.is_terminal else Console(width=_WIDTH, highlight=False)
    console.print(words(machine), markup=False)
    console.print(table_of(rows))
    for name, trace in broken.items():
        console.print(f"{name} is broken:\n{trace}", style="red", markup=False)


if __name__ == "__main__":
    bench()
