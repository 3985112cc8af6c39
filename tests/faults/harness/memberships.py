"""Which streams are one lead at which moment, worked out from the pairs of merges in the log alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from domain.events.event import ENGINE_SOURCE
from domain.events.vocabulary import LEAD_MERGED, LEAD_UNMERGED

__all__ = ["CHANGES", "Memberships"]

CHANGES = (LEAD_MERGED, LEAD_UNMERGED)
"""Events that say of which lead their stream is; their counterparts in the other stream say nothing new."""


class Memberships:
    """The lead of each stream, by the stored events given in the order of positions; others than `CHANGES` of the engine count for nothing.

    `order` compares events of several partitions: it gives the place of each position among all. Without it that is the position.
    """

    def __init__(
        self, documents: Iterable[Mapping[str, Any]], order: Callable[[int], float] | None = None
    ) -> None:
        self._order = order or float
        self._changes: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.touched: set[str] = set()
        """Streams that have ever been part of a merge."""
        for doc in documents:
            if doc["type"] in CHANGES and doc.get("source") == ENGINE_SOURCE:
                stream, said = doc["leadId"], doc["properties"]
                self.touched |= {stream, said["into"] if doc["type"] == LEAD_MERGED else said["from"]}
                parent = said["into"] if doc["type"] == LEAD_MERGED else stream
                self._changes[stream].append((doc["_id"], parent))

    def lead_of(self, stream: str, at: int | None = None) -> str:
        """The lead of the stream once the event at this position, or the last of all, was stored."""
        while (parent := self._parent(stream, at)) != stream:
            stream = parent
        return stream

    def _parent(self, stream: str, at: int | None) -> str:
        parents = [
            parent
            for position, parent in self._changes.get(stream, ())
            if at is None or self._order(position) <= self._order(at)
        ]
        return parents[-1] if parents else stream
