"""`lead-engine replies`: what replies mean, how well that is recognised, and training on one's own replies."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.table import Table

from domain.errors import Invalid
from domain.replies.classifier import Weights
from domain.replies.classify import Reply, classify, written_body
from domain.replies.measure import measure
from domain.replies.training import Labelled, train
from engine.process.printable import printable
from engine.replies.reading_store import REPLY
from engine.runtime import open_runtime
from engine.settings import Settings
from scripts.cli.command import exits, run, settings_with_logs
from scripts.terminal.actor import current_actor
from workflows.replies.judge import judge_reply
from workflows.work.operate import UnitRef, discard_unit, retry_unit

__all__ = ["replies"]

_LISTED = 200
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def replies() -> None:
    """Say what a reply means, judge a suspected opt-out, measure how well that works, and train it on labelled replies."""


@replies.command("classify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--weights", type=_FILE, help="Weights in place of those that come with the engine.")
@exits
def classify_command(file: Path, weights: Path | None) -> int | None:
    """Say what the reply in FILE means; - reads standard input."""
    text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    reading = classify(Reply(text=text, received=datetime.now(UTC).date()), _weights(weights))
    evidence = reading.evidence
    shown = text[evidence.start : evidence.end] if evidence else ""
    click.echo(f"{reading.intent} {reading.confidence:.3f} by {reading.by}: {shown}".rstrip(": "))
    if reading.suspected_opt_out is not None:
        click.echo(f"suspected opt-out {reading.suspected_opt_out:.3f}")
    if reading.returns is not None:
        click.echo(f"returns {reading.returns}")
    return None


@replies.command("judge")
@click.argument("lead_id", metavar="LEADID")
@click.argument("reply_id", metavar="REPLYID")
@click.option(
    "--opt-out/--no-opt-out",
    required=True,
    default=None,
    help="It asks for no more messages: suppress the lead; or it does not: clear the suspicion.",
)
@exits
def judge_command(lead_id: str, reply_id: str, *, opt_out: bool) -> int | None:
    """Say whether a reply is an opt-out; `lead-engine lead LEADID` shows those in which one is suspected."""
    return run(_judge(settings_with_logs(), lead_id, reply_id, opt_out=opt_out))


async def _judge(settings: Settings, lead_id: str, reply_id: str, *, opt_out: bool) -> None:
    async with open_runtime(settings) as runtime:
        judged = await judge_reply(runtime, current_actor(), lead_id, reply_id, opt_out=opt_out)
    click.echo(f"{reply_id}: {'an opt-out' if opt_out else 'no opt-out'}, event {judged.event_id}", err=True)


@replies.command("dead")
@exits
def dead_command() -> int | None:
    """List replies that could not be read, with the reason."""
    return run(_list_dead(settings_with_logs()))


async def _list_dead(settings: Settings) -> None:
    async with open_runtime(settings) as runtime:
        for unit in await runtime.replies.readings.by_due_time("dead", None, _LISTED):
            why = unit.attempts[-1].detail if unit.attempts else ""
            click.echo(f"{unit.unit_id}  {printable(unit.lead_id)}  {why}")


@replies.command("retry")
@click.argument("reading_id", metavar="ID")
@exits
def retry_command(reading_id: str) -> int | None:
    """Read a reply again that could not be read; the ids are those of `lead-engine replies dead`."""
    return run(_settle(settings_with_logs(), reading_id))


@replies.command("discard")
@click.argument("reading_id", metavar="ID")
@click.option("--why", required=True, help="For the list; it is stored unencrypted.")
@exits
def discard_command(reading_id: str, why: str) -> int | None:
    """Give up for good to read a reply that could not be read."""
    return run(_settle(settings_with_logs(), reading_id, why))


async def _settle(settings: Settings, reading_id: str, why: str | None = None) -> None:
    async with open_runtime(settings) as runtime:
        unit, actor = UnitRef(REPLY, reading_id), current_actor()
        if why is None:
            settled = await retry_unit(runtime, actor, unit)
        else:
            settled = await discard_unit(runtime, actor, unit, why)
    click.echo(f"{reading_id}: {settled.unit.state}", err=True)


@replies.command("measure")
@click.argument("file", type=_FILE)
@click.option("--weights", type=_FILE, help="Weights in place of those that come with the engine.")
@exits
def measure_command(file: Path, weights: Path | None) -> int | None:
    """Print precision and recall per intent on the labelled replies in FILE (NDJSON with intent and text)."""
    table = Table("intent", "labelled", "precision", "recall")
    for one in measure(_labelled(file), _weights(weights)):
        table.add_row(one.intent, str(one.labelled), _share(one.precision), _share(one.recall))
    Console().print(table)
    return None


@replies.command("train")
@click.argument("file", type=_FILE)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File for the weights."
)
@exits
def train_command(file: Path, out: Path) -> int | None:
    """Train the classifier on the labelled replies in FILE and write its weights, for REPLY_WEIGHTS_FILE."""
    labelled = _labelled(file)
    weights = train(labelled, [written_body(one.text) for one in labelled])
    out.write_bytes(msgspec.json.format(msgspec.json.encode(weights), indent=0) + b"\n")
    click.echo(f"{weights.trained_on} replies, {len(weights.features)} features: {out}", err=True)
    return None


def _labelled(file: Path) -> list[Labelled]:
    found = []
    for number, line in enumerate(file.read_bytes().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found.append(msgspec.json.decode(line, type=Labelled))
        except msgspec.MsgspecError as error:
            raise Invalid(f"Line {number} of {file} is no labelled reply: {error}.") from None
    return found


def _weights(file: Path | None) -> Weights | None:
    if file is None:
        return None
    try:
        return msgspec.json.decode(file.read_bytes(), type=Weights)
    except msgspec.MsgspecError as error:
        raise Invalid(f"{file} has no weights of the classifier: {error}.") from None


def _share(share: float | None) -> str:
    return "-" if share is None else f"{share:.3f}"
