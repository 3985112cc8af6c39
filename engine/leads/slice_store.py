"""The store of folds in slices: how far each fold of a long lead has come, so that another process can go on with it.

Kept beside the checkpoints of leads, because it is one: a state of the lead, and what is still to be folded.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.leads.state import FOLD_VERSION, LeadState
from engine.leads.checkpoint_store import LEAD_CHECKPOINTS
from engine.store.concurrency import ConcurrencyConflict
from engine.store.mongo import Database, Document, Session, without_codec

__all__ = ["SliceConflict", "SliceProgress", "SliceStore"]

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LeadState)


class SliceConflict(ConcurrencyConflict):
    """Another process has taken over this fold in slices, or ended it."""


class SliceProgress(Struct, frozen=True, kw_only=True):
    """A fold in slices: of a lead that has applied `based_on`, with its events up to the positions `up_to`.

    The first `folded` of these events, in the order of time, give `state`, and their history rows are stored from the
    moment `since` on, before which nothing changes. `later` are the positions of the others once the slices are done, None before. `replaced` are applied events that others stand for since
    a retraction. `run` and `leased_until` say who does it, and until when nobody else should.
    """

    lead_id: str
    run: str
    leased_until: Millis
    rulebook: str
    based_on: AppliedPositions
    up_to: AppliedPositions
    since: Millis
    state: LeadState
    replaced: tuple[int, ...] = ()
    folded: int = 0
    later: tuple[int, ...] | None = None
    fold_version: int = FOLD_VERSION

    @property
    def is_rebuild(self) -> bool:
        """Whether no event is new to the lead."""
        return self.up_to == self.based_on

    def is_of(self, applied: AppliedPositions, rulebook: str) -> bool:
        """Whether it is a fold by this program, under this rulebook, of the lead as it is stored."""
        return (self.based_on, self.rulebook, self.fold_version) == (applied, rulebook, FOLD_VERSION)


class SliceStore:
    """One fold in slices per lead, with a compare-and-set on the run and the events folded so far."""

    def __init__(self, database: Database) -> None:
        self._slices = without_codec(LEAD_CHECKPOINTS.of(database))

    async def get_many(
        self, lead_ids: Iterable[str], session: Session | None = None
    ) -> dict[str, SliceProgress]:
        """The folds in slices of these leads that are not complete."""
        query = {"_id": {"$in": [_id(lead_id) for lead_id in lead_ids]}}
        found = await self._slices.find(query, session=session).to_list()
        return {doc["leadId"]: _progress(doc) for doc in found}

    async def begin(self, progress: SliceProgress, session: Session) -> None:
        """Store a fold in slices in place of the lead's last one."""
        await self._slices.replace_one(
            {"_id": _id(progress.lead_id)}, _document(progress), upsert=True, session=session
        )

    async def advance(self, progress: SliceProgress, folded_before: int, session: Session) -> None:
        """Store how far it has come. Raises `SliceConflict` if it is not this run's any more."""
        query = {"_id": _id(progress.lead_id), "run": progress.run, "folded": folded_before}
        result = await self._slices.replace_one(query, _document(progress), session=session)
        if not result.matched_count:
            raise SliceConflict(progress.lead_id)

    async def end(self, lead_id: str, session: Session) -> None:
        """Forget it: the lead has been written."""
        await self._slices.delete_one({"_id": _id(lead_id)}, session=session)


def _id(lead_id: str) -> str:
    return f"slices:{lead_id}"


def _number(applied: AppliedPositions) -> int | list[int]:
    """One number, but of several partitions the position in each."""
    return list(applied.positions) if applied.elsewhere else applied.last


def _positions(stored: int | list[int]) -> AppliedPositions:
    return AppliedPositions.of(stored if isinstance(stored, list) else [int(stored)])


def _document(progress: SliceProgress) -> Document:
    return {
        "_id": _id(progress.lead_id),
        "leadId": progress.lead_id,
        "run": progress.run,
        "leasedUntil": progress.leased_until,
        "rulebook": progress.rulebook,
        "foldVersion": progress.fold_version,
        "basedOn": _number(progress.based_on),
        "upTo": _number(progress.up_to),
        "since": progress.since,
        "replaced": list(progress.replaced),
        "folded": progress.folded,
        "later": None if progress.later is None else list(progress.later),
        "state": _encoder.encode(progress.state).decode(),
    }


def _progress(doc: Document) -> SliceProgress:
    return SliceProgress(
        lead_id=doc["leadId"],
        run=doc["run"],
        leased_until=int(doc["leasedUntil"]),
        rulebook=doc["rulebook"],
        fold_version=int(doc["foldVersion"]),
        based_on=_positions(doc["basedOn"]),
        up_to=_positions(doc["upTo"]),
        since=int(doc["since"]),
        replaced=tuple(doc["replaced"]),
        folded=int(doc["folded"]),
        later=None if doc["later"] is None else tuple(doc["later"]),
        state=_decoder.decode(doc["state"]),
    )
