"""The next positions of the log: taken optimistically right after the newest known ones, looked up after a conflict.

Positions are the ids of events, so the unique index decides between processes that append at the same time. Each partition
of the log has positions of its own, and processes meet only within one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import NamedTuple

import pymongo
from pymongo.errors import PyMongoError

from domain.events.partition import number_of
from engine.capture.codec import DATA_FAULTS, EncodedEvent
from engine.capture.deduplication import Appended, Known, accepted, outcome
from engine.capture.log.turns import NoTurns, Turns
from engine.capture.log.writer import AppendConflict, EventIdConflict, EventWriter, Key, PositionConflict
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


class _Batch(NamedTuple):
    """Events that are stored together, and the partition of each."""

    events: Sequence[EncodedEvent]
    partitions: Sequence[int]

    def after(self, newest: Mapping[int, int]) -> list[int]:
        """The positions of the events right after the newest ones of their partitions."""
        last, positions = dict(newest), []
        for partition in self.partitions:
            last[partition] += 1
            positions.append(last[partition])
        return positions

    def keys(self) -> list[Key]:
        """What is unique of each event."""
        return [
            (partition, one.event.event_id)
            for one, partition in zip(self.events, self.partitions, strict=True)
        ]


class Positions:
    """Stores batches of events at gap-free positions of their partitions, in the order of commits.

    Nearly always no other process has appended and no event is a repeat. So a batch is inserted right after the newest
    known positions without any look-up, and the unique indexes on position and event id refuse it when that was wrong.
    """

    def __init__(self, client: Client, writer: EventWriter, turns: Turns | None = None) -> None:
        self._client = client
        self._writer = writer
        self._turns: Turns = turns or NoTurns()
        self._has_turn = False
        self._newest: dict[int, int] = {}
        """The newest position of each partition as far as is known; one that is missing has to be read first."""
        self._repeats = _Caution(_BATCHES_AFTER_A_REPEAT)
        self._rivals = _Caution(_BATCHES_AFTER_A_RIVAL)

    def forget(self) -> None:
        """Read the newest positions before the next batch: events were taken out of the store."""
        self._newest.clear()

    @property
    def takes_turns(self) -> bool:
        """Whether another process appends, so that the next batch had better wait for its turn."""
        return self._rivals.is_due

    async def take_turn(self) -> None:
        """Wait a moment for the turn, which says what the others have appended. Without one the next batch looks itself.

        What the turn says counts only if it is stored: Redis may remember what a store has lost, and a hole would stay.
        """
        passed_on = await self._turns.take()
        if passed_on is None:
            return
        news = {one: at for one, at in passed_on.items() if number_of(at) and at > self._newest.get(one, -1)}
        self._has_turn = await self._are_stored(news.values())
        if self._has_turn:
            self._rivals.note(has_failed=any(one in self._newest for one in news))
            self._newest |= news

    async def _are_stored(self, positions: Collection[int]) -> bool:
        try:
            with pymongo.timeout(TRANSACTION_SECONDS):
                return not positions or await self._writer.are_stored(positions)
        except PyMongoError:
            return False

    async def store(self, events: Sequence[EncodedEvent], *, alone: bool) -> list[Appended]:
        """Store the events durably; one result each, in their order.

        In one transaction, all or none, unless they are `alone`: each the only event of its call. Raises one of
        `DATA_FAULTS`, or `PyMongoError` when it is not known whether they are stored; a repeat is safe.
        """
        try:
            with pymongo.timeout(TRANSACTION_SECONDS):
                return await self._store_in_order(events, alone=alone)
        finally:
            had_turn, self._has_turn = self._has_turn, False
            if had_turn or self.takes_turns:
                await self._turns.give(self._newest)

    async def _store_in_order(self, events: Sequence[EncodedEvent], *, alone: bool) -> list[Appended]:
        partitions = self._writer.partitions_of(events)
        if self._writer.partitions == 1:
            return await self._store(_Batch(events, partitions), alone=alone)
        # A command that is refused ends at the event that is: so no partition gets a hole, and in a cluster each shard
        # gets one command.
        order = sorted(range(len(events)), key=partitions.__getitem__)
        batch = _Batch([events[at] for at in order], [partitions[at] for at in order])
        results = await self._store(batch, alone=alone)
        return [one for _, one in sorted(zip(order, results, strict=True), key=itemgetter(0))]

    async def _store(self, batch: _Batch, *, alone: bool) -> list[Appended]:
        touched = set(batch.partitions)
        newest = {one: self._newest.pop(one) for one in touched if one in self._newest}
        must_look = self._repeats.is_due or (self._rivals.is_due and not self._has_turn)
        if len(newest) < len(touched) or must_look:
            return await self._store_after_look_up(newest, batch)
        positions = batch.after(newest)
        stored = await self._store_next(positions, batch, alone=alone)
        newest.update(zip(batch.partitions[:stored], positions, strict=False))
        done = accepted(batch.events[:stored], positions[:stored])
        if stored < len(positions):
            rest = _Batch(batch.events[stored:], batch.partitions[stored:])
            return done + await self._store_after_look_up(newest, rest)
        self._newest |= newest
        return done

    async def _store_next(self, positions: Sequence[int], batch: _Batch, *, alone: bool) -> int:
        """Store the events at these positions; returns how many of them are known to be stored."""
        events = batch.events
        try:
            if alone:
                await self._writer.append(events, positions)
            else:
                await transact(self._client, lambda session: self._writer.append(events, positions, session))
        except AppendConflict as conflict:
            return conflict.stored
        except DATA_FAULTS:
            raise
        except PyMongoError as error:  # they may be stored all the same
            _log.info("Append of %d events is looked up: %s", len(events), error)
            return 0
        return len(events)

    async def _store_after_look_up(self, expected: Mapping[int, int], batch: _Batch) -> list[Appended]:
        """Read the newest positions first, and which events are stored already if a repeat is likely."""
        deduplicate = self._repeats.is_due
        while True:
            try:
                return await self._look_up_and_store(expected, batch, deduplicate=deduplicate)
            except EventIdConflict:
                deduplicate = True
            except PositionConflict:
                await asyncio.sleep(0)

    async def _look_up_and_store(
        self, expected: Mapping[int, int], batch: _Batch, *, deduplicate: bool
    ) -> list[Appended]:
        keys, touched = batch.keys(), set(batch.partitions)
        ids = {event_id for _, event_id in keys}

        async def look_up_and_store(
            session: Session,
        ) -> tuple[dict[Key, Known], dict[Key, EncodedEvent], dict[int, int]]:
            known = await self._writer.known(ids, touched, session) if deduplicate else {}
            new: dict[Key, EncodedEvent] = {}
            for key, one in zip(keys, batch.events, strict=True):
                if key not in known:
                    new.setdefault(key, one)
            newest = await self._writer.newest(touched, session)
            if new:
                added = _added(new)
                await self._writer.append(added.events, added.after(newest), session)
            return known, new, newest

        known, new, newest = await transact(self._client, look_up_and_store)
        if deduplicate:
            self._repeats.note(has_failed=bool(known))
        self._rivals.note(has_failed=any(at != newest[one] for one, at in expected.items() if one in newest))
        added = _added(new)
        positions = added.after(newest)
        if new:
            self._newest |= {**expected, **newest, **dict(zip(added.partitions, positions, strict=True))}
        known |= {
            key: Known(position, one.event.lead_id, one.event.body_hash)
            for (key, one), position in zip(new.items(), positions, strict=True)
        }
        return [
            outcome(one.event, known[key], is_new=new.get(key) is one)
            for key, one in zip(keys, batch.events, strict=True)
        ]


def _added(new: Mapping[Key, EncodedEvent]) -> _Batch:
    return _Batch(list(new.values()), [partition for partition, _ in new])
