"""Lines below the rows of a report (totals, copyright), held back until the end of the file shows them to be that."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from itertools import takewhile

from workflows.imports.tables.csv_reader import Reject, Row

__all__ = ["Footer"]

_MAX_LINES = 10
"""Of a footer that is detected."""
_WORDS = re.compile(
    r"((grand |sub ?)?totals?|summe|gesamt|insgesamt) *(:.*)?|(confidential|copyright|\N{COPYRIGHT SIGN}|generated (by|on)"
    r"|exported (by|on)|report (generated|name)|filtered by|as of ).*",
    re.IGNORECASE | re.DOTALL,
)


class Footer:
    """Leaves out the last `count` lines, or without a count those that are no rows beyond doubt; keeps what they say."""

    def __init__(self, count: int | None, width: int) -> None:
        self._count = count
        self._width = width
        self.lines: list[Row] = []
        """Those left out, once all rows were read."""

    def rows(self, rows: Iterable[Row | Reject]) -> Iterator[Row | Reject]:
        """The rows without the footer."""
        held: deque[Row | Reject] = deque()
        size = _MAX_LINES if self._count is None else self._count
        for row in rows:
            held.append(row)
            if len(held) > size:
                yield held.popleft()
        length = len(held) if self._count is not None else self._length(list(held))
        left_out = [held.pop() for _ in range(length)]
        self.lines = [row.row if isinstance(row, Reject) else row for row in reversed(left_out)]
        yield from held

    def _length(self, held: list[Row | Reject]) -> int:
        block = list(takewhile(self._may_belong, (row for row in reversed(held))))
        while block and not self._is_beyond_doubt(block):
            block.pop()
        return len(block)

    def _may_belong(self, row: Row | Reject) -> bool:
        cells = (row.row if isinstance(row, Reject) else row).cells
        return (len(cells) == 1 < self._width) or bool(_WORDS.fullmatch(cells[0].strip()))

    @staticmethod
    def _is_beyond_doubt(block: list[Row | Reject]) -> bool:
        """Whether the first line of the block, which is its last item, begins a footer."""
        first = block[-1].row if isinstance(block[-1], Reject) else block[-1]
        return first.after_blank or bool(_WORDS.fullmatch(first.cells[0].strip()))
