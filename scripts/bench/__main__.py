"""`python -m scripts.bench`: measures the engine beside baselines and targets, or beside another commit."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
import uvloop
from msgspec.structs import replace
from rich.console import Console

from domain.errors import LeadEngineError
from scripts.bench.against.checkout import check_out, this_checkout
from scripts.bench.against.run import comparison_as_json, comparison_table, measure_in_turn
from scripts.bench.all_questions import QUESTIONS
from scripts.bench.million.command import million
from scripts.bench.processes.services import run_services
from scripts.bench.report.background_load import Moment
from scripts.bench.report.json_report import as_json
from scripts.bench.report.machine import Machine, describe_machine, words
from scripts.bench.report.markdown import as_markdown
from scripts.bench.report.narrator import Narrator
from scripts.bench.report.table import table_of
from scripts.bench.runner import Answers, ask_all
from scripts.bench.workbench import Question, Workbench

__all__ = ["bench"]

_WIDTH = 150
_NAMES = [question.name for question in QUESTIONS]


def _row_numbers(_: click.Context, __: click.Parameter, text: str | None) -> frozenset[int]:
    """The numbers in `1,3,4`. Raises `BadParameter` for what is no row of the table."""
    known = {str(number): number for question in QUESTIONS for number in question.numbers}
    named = [one.strip() for one in text.split(",")] if text else []
    if unknown := [one for one in named if one not in known]:
        raise click.BadParameter(f"there is no row {unknown[0]!r}; rows are {', '.join(known)}")
    return frozenset(known[one] for one in named)


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="\b\n" + "\n".join(f"{question.name:<16}{question.asks}" for question in QUESTIONS),
)
@click.option(
    "--quick",
    is_flag=True,
    help="Smaller sizes and fewer rounds. Either way each question says how long it took.",
)
@click.option(
    *("--only", "names"),
    multiple=True,
    type=click.Choice(_NAMES),
    metavar="NAME",
    help="Ask only this; may be repeated.",
)
@click.option(
    *("--rows", "numbers"),
    callback=_row_numbers,
    metavar="1,3,4",
    help="Ask only what these rows of the table need.",
)
@click.option(
    "--against",
    metavar="COMMIT",
    help="Compare with this commit: both are measured in turn, and the ratio of each row is shown.",
)
@click.option(
    "--pairs",
    default=5,
    show_default=True,
    type=click.IntRange(1, 100),
    help="With --against: how many times both are measured.",
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
@click.pass_context
def bench(
    context: click.Context,
    *,
    quick: bool,
    names: tuple[str, ...],
    numbers: frozenset[int],
    against: str | None,
    pairs: int,
    file: Path | None,
    document: Path | None,
) -> None:
    """Measure the whole engine on a MongoDB and a Valkey of its own, in a temporary folder.

    Each figure stands beside a baseline of the same run, measured in turn with it. Exits with 0 also when targets are
    missed, and with 1 when something was wrong with what was measured. Ctrl-C shows what was found so far.
    """
    if context.invoked_subcommand is not None:
        if quick or names or numbers or against or file or document:
            raise click.UsageError(f"options of `{context.invoked_subcommand}` come after its name")
        return
    chosen = [
        question
        for question in QUESTIONS
        if (not names or question.name in names) and (not numbers or numbers.intersection(question.numbers))
    ]
    try:
        if against is not None:
            broken = _compare(chosen, numbers, against, pairs, file, quick=quick)
        else:
            broken = _ask(chosen, file, document, quick=quick)
    except LeadEngineError as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    sys.exit(1 if broken else 0)


def _ask(questions: Sequence[Question], file: Path | None, document: Path | None, *, quick: bool) -> bool:
    """Measure this checkout and show the table; whether anything was wrong."""
    at = datetime.now(UTC)
    machine, answers = uvloop.run(_measure(questions, quick=quick))
    _show(answers, machine)
    if file is not None:
        file.write_bytes(as_json(answers, machine, at, quick=quick))
    if document is not None:
        document.write_text(as_markdown(answers.rows, machine), encoding="utf-8")
    return bool(answers.broken)


def _compare(
    questions: Sequence[Question],
    numbers: frozenset[int],
    commit: str,
    pairs: int,
    file: Path | None,
    *,
    quick: bool,
) -> bool:
    """Measure this checkout and another commit in turn and show how they compare; whether anything was wrong."""
    say = partial(click.echo, err=True)
    with check_out(commit, say) as before:
        found = measure_in_turn(
            [question.name for question in questions],
            before,
            this_checkout(),
            pairs=pairs,
            quick=quick,
            numbers=numbers,
            say=say,
        )
    _console().print(comparison_table(found.rows, before.name))
    _show_broken(found.broken)
    if file is not None:
        file.write_bytes(comparison_as_json(found, before.name, quick=quick))
    return bool(found.broken)


async def _measure(questions: Sequence[Question], *, quick: bool) -> tuple[Machine, Answers]:
    measuring = asyncio.current_task()
    assert measuring is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, measuring.cancel)
    narrator, before = Narrator(len(questions)), Moment.now()
    async with run_services() as services:
        workbench = Workbench(services, quick=quick, say=narrator.say)
        machine = await describe_machine(services, workbench.settings())
        answers = await ask_all(questions, workbench, narrator)
    return replace(machine, others=Moment.now().share_of_others_since(before, machine.cores)), answers


def _show(answers: Answers, machine: Machine) -> None:
    console = _console()
    console.print(words(machine), markup=False)
    console.print(table_of(answers.rows))
    _show_broken(answers.broken)


def _show_broken(broken: Mapping[str, str]) -> None:
    for name, trace in broken.items():
        _console().print(f"{name} is broken:\n{trace}", style="red", markup=False)


def _console() -> Console:
    terminal = Console(highlight=False)
    return terminal if terminal.is_terminal else Console(width=_WIDTH, highlight=False)


bench.add_command(million)

if __name__ == "__main__":
    bench()
