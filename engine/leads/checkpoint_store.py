"""The store of fold checkpoints: earlier states of long leads, from which a fold with late events begins again.

A checkpoint holds a lead up to a moment, the positions that were applied when it was made, and the positions up to those
of events after the moment. With the events of later positions these are all that have happened since. An event that
arrives and occurred before the moment makes it wrong: it is dropped in the same transaction.
"""

from __future__ import annotations

from typing import NamedTuple

import msgspec
from pymongo import ASCENDING, IndexModel

from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.leads.state import FOLD_VERSION, LeadState
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session, without_codec

__all__ = ["CHECKPOINT_EVENTS", "LEAD_CHECKPOINTS", "CheckpointStore", "FoldCheckpoint"]

LEAD_CHECKPOINTS = CollectionSpec(
    "leadCheckpoints", Distribution.BY_LEAD, (IndexModel([("leadId", ASCENDING), ("clock", ASCENDING)]),)
)

CHECKPOINT_EVENTS = 500
"""Events of a lead between two of its checkpoints."""
_KEPT = 12
"""Checkpoints per lead; the next one takes the place of the oldest."""

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(LeadState)


class FoldCheckpoint(NamedTuple):
    """A lead's state after its first events, what was applied by then, and the positions of the events of it that follow."""

    state: LeadState
    applied: AppliedPositions
    later: tuple[int, ...]


class CheckpointStore:
    """Checkpoints by lead and clock, a bounded number per lead."""

    def __init__(self, database: Database) -> None:
        self._checkpoints = LEAD_CHECKPOINTS.of(database)
        self._codecless = without_codec(self._checkpoints)

    async def last_before(
        self, lead_id: str, at: Millis, label: str, session: Session
    ) -> FoldCheckpoint | None:
        """The latest checkpoint of the lead at or before a moment that this program has made under this rulebook."""
        query = {
            "leadId": lead_id,
            "clock": {"$lte": to_bson(at)},
            "rulebook": label,
            "foldVersion": FOLD_VERSION,
        }
        found = self._codecless.find(query, session=session).sort([("leadId", -1), ("clock", -1)]).limit(1)
        for doc in await found.to_list():
            applied = AppliedPositions(int(doc["applied"]), tuple(doc.get("appliedElsewhere", ())))
            return FoldCheckpoint(_decoder.decode(doc["state"]), applied, tuple(doc["later"]))
        return None

    async def put(self, checkpoint: FoldCheckpoint, session: Session) -> None:
        """Store a checkpoint."""
        state = checkpoint.state
        document: Document = {
            "leadId": state.lead_id,
            "clock": to_bson(state.clock),
            "rulebook": state.rulebook,
            "foldVersion": state.fold_version,
            "applied": checkpoint.applied.last,
            "later": list(checkpoint.later),
            "state": _encoder.encode(state).decode(),
        }
        if checkpoint.applied.elsewhere:
            document["appliedElsewhere"] = list(checkpoint.applied.elsewhere)
        slot = state.events // CHECKPOINT_EVENTS % _KEPT
        await self._checkpoints.replace_one(
            {"_id": f"{slot}:{state.lead_id}"}, document, upsert=True, session=session
        )

    async def drop(self, lead_id: str, session: Session, *, after: Millis | None = None) -> None:
        """Delete the lead's checkpoints after a moment, or all."""
        query: Document = {"leadId": lead_id}
        if after is not None:
            query["clock"] = {"$gt": to_bson(after)}
        await self._checkpoints.delete_many(query, session=session)
