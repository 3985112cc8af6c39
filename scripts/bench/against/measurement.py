"""One question measured in one checkout: its benchmark is run as a command, its JSON report is read."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import msgspec

from domain.errors import LeadEngineError
from scripts.bench.against.checkout import Checkout

__all__ = ["BrokenBenchmark", "RowKey", "Sample", "measure", "verify_runs_itself"]

_LAST_LINES = 20
_RENAMED = ("a request,", "per request,")
"""Part of the names of rows 1 and 2, as it was and as it is."""


class BrokenBenchmark(LeadEngineError):
    """A checkout could not measure a question."""


class RowKey(NamedTuple):
    """The identity of a row in every commit: its number in the table, and its text."""

    number: int
    name: str


class Sample(msgspec.Struct, frozen=True):
    """The medians of a row in one run of its question."""

    unit: str
    measured: float
    baseline: float | None


class _Figure(msgspec.Struct):
    unit: str
    median: float


class _Row(msgspec.Struct):
    question: int
    name: str
    measured: _Figure
    baseline: _Figure | None


class _Report(msgspec.Struct):
    """The part of the report of `--json` that every commit has."""

    broken: dict[str, str]
    rows: list[_Row]


def measure(checkout: Checkout, question: str, *, quick: bool) -> Mapping[RowKey, Sample]:
    """Run the question. Raises `BrokenBenchmark` with what the checkout said."""
    with tempfile.TemporaryDirectory(prefix="lead-engine-bench-") as folder:
        file = Path(folder) / "report.json"
        words = ["--only", question, "--json", str(file), *(["--quick"] if quick else [])]
        done = _python(checkout, "-m", "scripts.bench", *words)
        if not file.exists():
            raise BrokenBenchmark(f"{checkout.name} cannot measure {question}:\n{_end_of(done.stderr)}")
        report = msgspec.json.decode(file.read_bytes(), type=_Report)
    if report.broken:
        raise BrokenBenchmark(f"{checkout.name}: {question} is broken:\n{_end_of(report.broken[question])}")
    return {
        RowKey(row.question, row.name.replace(*_RENAMED)): Sample(
            row.measured.unit, row.measured.median, row.baseline.median if row.baseline else None
        )
        for row in report.rows
    }


def verify_runs_itself(checkout: Checkout) -> None:
    """Raise `BrokenBenchmark` if the program that would be measured is not the one in the checkout's folder."""
    done = _python(
        checkout, "-c", "import engine, scripts.bench; print(engine.__file__); print(scripts.__file__)"
    )
    files = [Path(line).resolve() for line in done.stdout.splitlines()]
    if not files or not all(file.is_relative_to(checkout.folder.resolve()) for file in files):
        raise BrokenBenchmark(
            f"{checkout.name} would not run from {checkout.folder}:\n{_end_of(done.stderr)}"
        )


def _python(checkout: Checkout, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(checkout.python), *words],
        cwd=checkout.folder,
        env={**os.environ, "PYTHONPATH": str(checkout.folder)},  # before what is installed
        capture_output=True,
        text=True,
        check=False,
    )


def _end_of(text: str) -> str:
    return "\n".join(text.splitlines()[-_LAST_LINES:])
