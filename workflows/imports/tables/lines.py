"""Physical lines of a text, numbered, of which some can be put back: a row that breaks off is read again line by line."""

from __future__ import annotations

import io
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

from domain.errors import Invalid

__all__ = ["MAX_LINE", "Lines"]

MAX_LINE = 8 * 1024 * 1024
"""Characters. A file with longer lines is no table, and would not fit into bounded memory."""


class Lines:
    """Lines with their ends (LF, CRLF or CR), counted from 1."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._ahead: deque[str] = deque()
        self._lines = _split(chunks)
        self.number = 0
        """Of the line that was taken last."""

    def take(self) -> str | None:
        """The next line, None at the end. Raises `Invalid` for one that is longer than any line of a table."""
        line = self._ahead.popleft() if self._ahead else next(self._lines, None)
        if line is not None:
            self.number += 1
            if len(line) > MAX_LINE:
                raise Invalid(f"Line {self.number} is longer than {MAX_LINE:,} characters: this is no table.")
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Give back the lines that were taken last, to be taken again."""
        self._ahead.extendleft(reversed(lines))
        self.number -= len(lines)

    def peek(self, lines: int, characters: int) -> list[str]:
        """The next lines, up to as many of them and of their characters, which stay to be taken."""
        taken: list[str] = []
        while len(taken) < lines and characters > 0 and (line := self.take()) is not None:
            taken.append(line)
            characters -= len(line)
        self.put_back(taken)
        return taken


def _split(chunks: Iterable[str]) -> Iterator[str]:
    rest = ""
    for chunk in chunks:
        lines = _whole(rest + chunk)
        # The last one may go on in the next chunk, and a CR at its end may be half of a CRLF.
        rest = lines.pop() if lines and not lines[-1].endswith("\n") else ""
        yield from lines
        if len(rest) > MAX_LINE:
            break
    yield from _whole(rest)


def _whole(text: str) -> list[str]:
    return list(io.StringIO(text, newline=""))
