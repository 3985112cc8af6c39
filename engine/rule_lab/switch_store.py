"""The store that gives a lead another state of the same events in one write, and keeps the one it had for a way back.

What was kept is of use while the lead has had no further event; MongoDB removes it after two weeks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from pymongo import ASCENDING, IndexModel, ReplaceOne

from domain.instant import Millis
from domain.leads.state import FOLD_VERSION
from engine.leads.lead_document import LEADS, applied_fields, applied_in, folded_under
from engine.leads.lead_store import StateConflict
from engine.privacy.personal_data import EncryptedDataStore, Exported
from engine.process.clock import to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["KEPT_LEADS", "KeptLeadData", "SwitchStore"]

_KEPT_FOR = timedelta(days=14)

KEPT_LEADS = CollectionSpec(
    "keptLeads",
    Distribution.BY_LEAD,
    (
        IndexModel([("rulebook", ASCENDING), ("_id", ASCENDING)]),
        IndexModel([("keptAt", ASCENDING)], expireAfterSeconds=int(_KEPT_FOR.total_seconds())),
    ),
)


class SwitchStore:
    """Documents of leads as lists read them, and those that they had under another rulebook, one per lead."""

    def __init__(self, database: Database) -> None:
        self._leads = LEADS.of(database)
        self._kept = KEPT_LEADS.of(database)

    async def folded(
        self, lead_ids: Iterable[str], under: Iterable[str], session: Session
    ) -> dict[str, Document]:
        """The documents of those of the leads that were last folded under one of these (`foldedUnder`)."""
        query = {"_id": {"$in": list(lead_ids)}, "foldedUnder": {"$in": list(under)}}
        return {doc["_id"]: doc async for doc in self._leads.find(query, session=session)}

    async def swap(
        self, pairs: Mapping[str, tuple[Document, Document]], at: Millis, session: Session
    ) -> None:
        """Put the second document of each lead in the place of the first, which is kept.

        Raises `StateConflict` if a lead is no longer at the positions, or of the fold, that it was read at.
        """
        if not pairs:
            return
        found = await self._leads.bulk_write(
            [
                ReplaceOne(
                    {"_id": lead_id, **applied_fields(applied_in(old)), "foldedUnder": old["foldedUnder"]},
                    new,
                )
                for lead_id, (old, new) in pairs.items()
            ],
            ordered=False,
            session=session,
        )
        if found.matched_count < len(pairs):
            raise StateConflict("A lead has been moved on by a worker.")
        kept = {"foldVersion": FOLD_VERSION, "keptAt": to_bson(at)}
        await self._kept.bulk_write(
            [
                ReplaceOne({"_id": lead_id}, {**old, **kept}, upsert=True)
                for lead_id, (old, _) in pairs.items()
            ],
            ordered=False,
            session=session,
        )

    async def kept_ids(self, rulebook: str, after: str, limit: int) -> list[str]:
        """The next leads, in the order of their ids, of which a document under this rulebook is kept."""
        query = {"rulebook": rulebook, "foldVersion": FOLD_VERSION, "_id": {"$gt": after}}
        cursor = self._kept.find(query, {"_id": 1}).sort([("rulebook", 1), ("_id", 1)]).limit(limit)
        return [doc["_id"] async for doc in cursor]

    async def kept(self, lead_ids: Iterable[str], rulebook: str, session: Session) -> dict[str, Document]:
        """What those of the leads were under the rulebook, as it was kept."""
        query = {"_id": {"$in": list(lead_ids)}, "rulebook": rulebook, "foldVersion": FOLD_VERSION}
        cursor = self._kept.find(query, {"foldVersion": 0, "keptAt": 0}, session=session)
        return {doc["_id"]: doc async for doc in cursor}

    async def forget(self, lead_id: str, session: Session | None = None) -> None:
        """Remove what is kept of the lead."""
        await self._kept.delete_one({"_id": lead_id}, session=session)

    @staticmethod
    def marked(doc: Document, label: str, *, history_of: str = "") -> Document:
        """The document as folded under a rulebook, with a history that is still to be written if it is of another one."""
        return {**doc, "foldedUnder": folded_under(label, history_of=history_of)}


class KeptLeadData(EncryptedDataStore):
    """The registration of kept documents: as those of leads they hold personal fields only encrypted."""

    collections = (KEPT_LEADS,)

    def __init__(self, switch: SwitchStore) -> None:
        self._switch = switch

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        await self._switch.forget(lead_id)
        return {}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {}
