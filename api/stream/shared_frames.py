"""Frames of the newest batches of changes, encoded once for all streams whose callers see the same leads."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping

from api.stream import frames
from domain.events.log_cursor import LogCursor
from domain.teams.visibility import VisibleLeads
from workflows.stream.recent_changes import Changes

__all__ = ["OwnersOf", "SharedFrames"]

OwnersOf = Callable[[Iterable[str]], Awaitable[Mapping[str, str | None]]]
"""The owners of these leads, by lead."""

_KEPT = 4
"""Batches whose frames are kept: the newest, and those that clients which are a little behind get as one."""


class SharedFrames:
    """Encodes batches, and looks the owners of their leads up once per batch, however many streams are open."""

    def __init__(self, owners_of: OwnersOf) -> None:
        self._owners_of = owners_of
        self._batches: deque[_Batch] = deque(maxlen=_KEPT)

    async def leads(self, changes: Changes, visible: VisibleLeads, place: LogCursor) -> bytes | None:
        """The frame that names the visible leads among the changes, as of a place in the log; None if there are none.

        Raises what PyMongo raises, where owners have to be looked up.
        """
        batch = self._of(changes)
        key = visible.owners, place
        if key not in batch.frames:
            seen = await self._seen(batch, visible)
            if key not in batch.frames:  # others have waited for the same owners
                batch.frames[key] = frames.leads(seen, place) if seen else None
        return batch.frames[key]

    def _of(self, changes: Changes) -> _Batch:
        for batch in self._batches:
            if batch.changes is changes:
                return batch
        batch = _Batch(changes)
        self._batches.appendleft(batch)
        return batch

    async def _seen(self, batch: _Batch, visible: VisibleLeads) -> Mapping[str, int]:
        leads = batch.changes.leads
        if visible.owners is None:
            return leads
        if batch.owners is None or (batch.owners.done() and _failed(batch.owners)):
            batch.owners = asyncio.ensure_future(self._owners_of(leads))
        # One stream that ends must not end the look-up of the others.
        owners = await asyncio.shield(batch.owners)
        return {one: position for one, position in leads.items() if visible.allows(owners.get(one))}


class _Batch:
    """A batch, the owners of its leads once somebody needs them, and its frames by what a caller sees and the place."""

    __slots__ = ("changes", "frames", "owners")

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.owners: asyncio.Future[Mapping[str, str | None]] | None = None
        self.frames: dict[tuple[frozenset[str] | None, LogCursor], bytes | None] = {}


def _failed(look_up: asyncio.Future[Mapping[str, str | None]]) -> bool:
    return look_up.cancelled() or look_up.exception() is not None
