"""The next positions of the log: taken optimistically right after the newest known one, looked up after a conflict.

Positions are the ids of events, so the unique index decides between processes that append at the same time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import pymongo
from pymongo.errors import PyMongoError

from engine.capture.codec import DATA_FAULTS, EncodedEvent
from engine.capture.deduplication import Appended, Known, accepted, outcome
from engine.capture.log.writer import AppendConflict, EventIdConflict, EventWriter, PositionConflict
from engine.store.mongo import TRANSACTION_SECONDS, Client, Session, transact

__all__ = ["Positions"]

_log = logging.getLogger(__name__)

_BATCHES_AFTER_A_REPEAT = 50
"""Batches whose event ids are looked up before the insert, once a repeated event has been met."""

_BATCHES_AFTER_A_RIVAL = 10
"""Batches before which the newest position is read, once another process has appended."""


class _Caution:
    """Leaves an optimistic shortcut out for some batches after it has failed."""

    def __init__(self, batches: int) -> None:
        self._batches = batches
        self._left = 0

    @property
    def is_due(self) -> bool:
        """Whether the shortcut had better not be taken."""
        return self._left > 0

    def note(self, *, has_failed: bool) -> None:
        """Count a batch, for which the shortcut would or would not have failed."""
        self._left = self._batches if has_failed else max(self._left - 1, 0)


class Positions:
    """Stores batches of events at gap-free positions, in the order of commits.

    Nearly always no other process has appended and no event is a repeat. So a batch is inserted right after the newest
    known position without any look-up, and the unique indexes on position and event id refuse it when that was wrong.
    """

    def __init__(self, client: Client, writer: EventWriter) -> None:
        self._client = client
        self._writer = writer
        self._newest: int | None = None
        """The newest position as far as is known; None when it has to be read first."""
        self._repeats = _Caution(_BATCHES_AFTER_A_REPEAT)
        self._rivals = _Caution(_BATCHES_AFTER_A_RIVAL)

    def forget(self) -> None:
        """Read the newest position before the next batch: events were taken out of the store."""
        self._newest = None

    async def store(self, events: Sequence[EncodedEvent], *, alone: bool) -> list[Appended]:
        """Store the events durably; one result each, in their order.

        In one transaction, all or none, unless they are `alone`: each the only event of its call. Raises one of
        `DATA_FAULTS`, or `PyMongoError` when it is not known whether they are stored; a repeat is safe.
        """
        newest, self._newest = self._newest, None
        with pymongo.timeout(TRANSACTION_SECONDS):
            if newest is None or self._repeats.is_due or self._rivals.is_due:
                return await self._store_after_look_up(newest, events)
            stored = await self._store_next(newest + 1, events, alone=alone)
            done = accepted(events[:stored], newest + 1)
            if stored < len(events):
                return done + await self._store_after_look_up(newest + stored, events[stored:])
            self._newest = newest + stored
            return done

    async def _store_next(self, first: int, events: Sequence[EncodedEvent], *, alone: bool) -> int:
        """Store the events from this position on; returns how many of them are known to be stored."""
        try:
            if alone:
                await self._writer.append(events, first)
            else:
                await transact(self._client, lambda session: self._writer.append(events, first, session))
        except AppendConflict as conflict:
            return conflict.stored
        except DATA_FAULTS:
            raise
        except PyMongoError as error:  # they may be stored all the same
            _log.info("Append of %d events is looked up: %s", len(events), error)
            return 0
        return len(events)

    async def _store_after_look_up(
        self, expected: int | None, events: Sequence[EncodedEvent]
    ) -> list[Appended]:
        """Read the newest position first, and which events are stored already if a repeat is likely."""
        deduplicate = self._repeats.is_due
        while True:
            try:
                return await self._look_up_and_store(expected, events, deduplicate=deduplicate)
            except EventIdConflict:
                deduplicate = True
            except PositionConflict:
                await asyncio.sleep(0)

    async def _look_up_and_store(
        self, expected: int | None, events: Sequence[EncodedEvent], *, deduplicate: bool
    ) -> list[Appended]:
        ids = {one.event.event_id for one in events}

        async def look_up_and_store(
            session: Session,
        ) -> tuple[dict[str, Known], dict[str, EncodedEvent], int]:
            known = await self._writer.known(ids, session) if deduplicate else {}
            new: dict[str, EncodedEvent] = {}
            for one in events:
                if one.event.event_id not in known:
                    new.setdefault(one.event.event_id, one)
            newest = await self._writer.last_position(session)
            if new:
                await self._writer.append(list(new.values()), newest + 1, session)
            return known, new, newest

        known, new, newest = await transact(self._client, look_up_and_store)
        if deduplicate:
            self._repeats.note(has_failed=bool(known))
        self._rivals.note(has_failed=expected not in (None, newest))
        self._newest = newest + len(new) if new else None
        known |= {
            event_id: Known(position, one.event.lead_id, one.event.body_hash)
            for position, (event_id, one) in enumerate(new.items(), newest + 1)
        }
        return [
            outcome(one.event, known[one.event.event_id], is_new=new.get(one.event.event_id) is one)
            for one in events
        ]
