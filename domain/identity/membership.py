"""Membership: which streams make up a lead at a moment, as the merges and un-merges received by then say.

A stream is merged into at most one other at a time, so the streams of a lead form a tree, and the one at its root names
the lead.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from domain.instant import Millis

__all__ = ["Merge", "root_of", "streams_below"]


class Merge(Struct, frozen=True):
    """A merge of a stream, with all that were merged into it, into another one; `until` it was undone, None if it stands."""

    stream: str
    into: str
    since: Millis
    until: Millis | None = None

    def stands(self, at: Millis | None) -> bool:
        """Whether it stands at a moment, None for now."""
        if at is None:
            return self.until is None
        return self.since <= at and (self.until is None or self.until > at)


def streams_below(root: str, merges: Iterable[Merge], at: Millis | None = None) -> tuple[str, ...]:
    """The stream and all those that are merged into it, directly or not, in the order of their ids behind it."""
    parts: dict[str, list[str]] = {}
    for merge in merges:
        if merge.stands(at):
            parts.setdefault(merge.into, []).append(merge.stream)
    found, left = {root}, [root]
    while left:
        fresh = [one for one in parts.get(left.pop(), ()) if one not in found]
        found.update(fresh)
        left += fresh
    return (root, *sorted(found - {root}))


def root_of(stream: str, merges: Sequence[Merge], at: Millis | None = None) -> str:
    """The stream that the lead of this one is named by."""
    into = {merge.stream: merge.into for merge in merges if merge.stands(at)}
    for _ in range(len(into)):
        if stream not in into:
            break
        stream = into[stream]
    return stream
