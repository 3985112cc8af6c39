"""The output of all processes on one stream, each line prefixed with the name of its process."""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from engine.process.printable import printable

__all__ = ["ProcessOutput"]

_COLOURS = (36, 33, 32, 35, 34, 31)  # ANSI: cyan, yellow, green, magenta, blue, red
_MAX_QUEUED_LINES = 10_000
_FLUSH_SECONDS = 1.0


class ProcessOutput:
    """Lines like `api | ...`, aligned, coloured on a terminal only.

    A thread writes them, so that a paused terminal or a pipe that nobody reads never blocks the engine: lines that do
    not fit into the queue are dropped, and all of them once the reader is gone.
    """

    def __init__(self, names: Sequence[str], descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._width = max(map(len, names), default=0)
        self._colours = {name: _COLOURS[number % len(_COLOURS)] for number, name in enumerate(names)}
        self._coloured = os.isatty(descriptor) and "NO_COLOR" not in os.environ
        self._lines: queue.Queue[str | None] = queue.Queue(_MAX_QUEUED_LINES)
        self._writer = threading.Thread(target=self._write, daemon=True)

    def __enter__(self) -> Self:
        self._writer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._put(None)
        self._writer.join(_FLUSH_SECONDS)

    def line(self, name: str, text: str) -> None:
        """Print one line of the process `name`."""
        before = f"{name:<{self._width}} | "
        if self._coloured:
            before = f"\x1b[{self._colours.get(name, 0)}m{before}\x1b[0m"
        self.say(before + printable(text))

    def say(self, text: str) -> None:
        """Print a line of our own."""
        self._put(text)

    def _put(self, text: str | None) -> None:
        with suppress(queue.Full):  # nobody reads: lose lines rather than block
            self._lines.put_nowait(text)

    def _write(self) -> None:
        # Unbuffered: a thread that is blocked in a buffered stream breaks the shutdown of the interpreter.
        with suppress(OSError):  # the reader is gone: nothing more is written
            while (text := self._lines.get()) is not None:
                rest = f"{text}\n".encode(errors="replace")
                while rest:
                    rest = rest[os.write(self._descriptor, rest) :]
