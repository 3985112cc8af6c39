"""The heads of plain requests that have been read before: the same bytes mean the same, and need no reading again.

Whoever sends event after event over one connection sends the same head each time, but for the length of the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

__all__ = ["Fields", "Head", "KnownHeads"]

Fields = dict[bytes, bytes]
"""The headers of a request by their names, none of which stands twice."""

_END = b"\r\n\r\n"
_MAX_HEADS = 1000
_MAX_BYTES = 2048
"""Size of a head that is remembered. All of them, with what was read of them, take 13 MB at most."""


class Head(NamedTuple):
    """What was read of a head: its headers, the same by name, and the bytes of the body that follows it."""

    headers: Sequence[tuple[bytes, bytes]]
    fields: Fields
    length: int


class KnownHeads:
    """Heads by their bytes. All are forgotten when there are too many: those that come again are soon known again."""

    def __init__(self) -> None:
        self._heads: dict[bytes, Head] = {}

    def split(self, data: bytes) -> tuple[Head, bytes] | None:
        """A whole request and nothing else as its head and its body, if the head is known."""
        start = data.find(_END) + len(_END)
        head = self._heads.get(data[:start])
        if head is None or len(data) - start != head.length:
            return None
        return head, data[start:]

    def remember(self, data: bytes, head: Head) -> None:
        """That a head which was read is the beginning of this data, if its body is all the rest."""
        start = len(data) - head.length
        if len(_END) < start <= _MAX_BYTES and data.find(_END) == start - len(_END):
            if len(self._heads) >= _MAX_HEADS:
                self._heads.clear()
            self._heads[data[:start]] = head
