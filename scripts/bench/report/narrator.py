"""Progress on standard error: the question that is being measured, and its rows."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.status import Status

from scripts.bench.report.figures import Row
from scripts.bench.report.table import in_short

__all__ = ["Narrator"]


class Narrator:
    """A spinner on a terminal; one line per question elsewhere."""

    def __init__(self, questions: int) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._status: Status | None = None
        self._questions = questions
        self._asked = 0
        self._name = ""

    @contextlib.contextmanager
    def asking(self, name: str, asks: str) -> Iterator[None]:
        """While a question is being measured."""
        self._asked, self._name = self._asked + 1, name
        started = time.monotonic()
        self._console.print(f"[{self._asked}/{self._questions}] {name}: {asks}", markup=False)
        with self._console.status(name) as self._status:
            yield
        self._console.print(f"  took {time.monotonic() - started:.0f} s", style="dim")

    def say(self, what: str) -> None:
        """Show the current step of the question."""
        if self._status is not None:
            self._status.update(f"{self._name}: {what}")

    def show(self, rows: Sequence[Row]) -> None:
        """Show the rows of the question."""
        for row in rows:
            self._console.print(f"  {in_short(row)}", markup=False, soft_wrap=True)

    def fail(self, name: str, error: BaseException) -> None:
        """Show that the question could not be answered."""
        self._console.print(f"{name} is broken: {type(error).__name__}: {error}", style="red", markup=False)
