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
from scripts.cli.command import exits

__all__ = ["replies"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def replies() -> None:
    """Say what a reply means, measure how well that works, and train it on labelled replies."""


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
