"""The leads behind the numbers of previews: each by its id, with where it is under both rulebooks, and why."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.prediction.landmark import LandmarkScores
from domain.rule_lab.comparison import LeadComparison
from domain.rule_lab.figures import tags_of
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["PREVIEW_LEADS", "PreviewLeadData", "PreviewLeads"]

PREVIEW_LEADS = CollectionSpec(
    "rulebookPreviewLeads",
    Distribution.BY_LEAD,
    (
        IndexModel([("preview", ASCENDING), ("distance", DESCENDING), ("leadId", ASCENDING)]),
        IndexModel(
            [("preview", ASCENDING), ("tags", ASCENDING), ("distance", DESCENDING), ("leadId", ASCENDING)]
        ),
        IndexModel([("leadId", ASCENDING)]),
    ),
)
_decoder = msgspec.json.Decoder(LeadComparison)
_LANDMARKS_AT_A_TIME = 1000


class PreviewLeads:
    """Adds and lists the leads of previews."""

    def __init__(self, database: Database) -> None:
        self._leads = PREVIEW_LEADS.of(database)

    async def add(self, preview_id: str, leads: Sequence[LeadComparison], session: Session) -> None:
        """Store leads that were compared, in the transaction that counts them."""
        if leads:
            await self._leads.insert_many([_document(preview_id, lead) for lead in leads], session=session)

    async def page(
        self, preview_id: str, tags: Sequence[str], after: tuple[float, str] | None, limit: int
    ) -> list[LeadComparison]:
        """The leads with all of these tags, those whose score moves most first."""
        query: Document = {"preview": preview_id}
        if tags:
            query["tags"] = tags[0] if len(tags) == 1 else {"$all": list(tags)}
        if after is not None:
            distance, lead_id = after
            query["$or"] = [
                {"distance": {"$lt": distance}},
                {"distance": distance, "leadId": {"$gt": lead_id}},
            ]
        cursor = self._leads.find(query, {"lead": 1}).sort([("distance", -1), ("leadId", 1)]).limit(limit)
        return [_decoder.decode(doc["lead"]) async for doc in cursor]

    async def landmarks(self, preview_id: str) -> list[Sequence[LandmarkScores]]:
        """The landmarks of the leads of a preview, lead by lead, in the order of their ids."""
        cursor = self._leads.find(
            {"preview": preview_id}, {"lead": 1, "leadId": 1}, batch_size=_LANDMARKS_AT_A_TIME
        )
        found = [(doc["leadId"], _decoder.decode(doc["lead"]).landmarks) async for doc in cursor]
        return [landmarks for _, landmarks in sorted(found) if landmarks]

    async def remove(self, preview_id: str) -> None:
        """Delete the leads of a preview."""
        await self._leads.delete_many({"preview": preview_id})

    async def names(self, lead_id: str) -> bool:
        """Whether any preview names the lead."""
        return await self._leads.find_one({"leadId": lead_id}, {"_id": 1}) is not None

    async def records(self, lead_id: str) -> AsyncIterator[Record]:
        """What previews say of the lead, for its export."""
        async for doc in self._leads.find({"leadId": lead_id}, {"preview": 1, "lead": 1}):
            lead = _decoder.decode(doc["lead"])
            yield {
                "preview": doc["preview"],
                "scoreNow": lead.now.score,
                "scoreThen": lead.then.score,
                "stageNow": lead.now.stage,
                "stageThen": lead.then.stage,
                "ended": lead.ended,
            }

    async def forget(self, lead_id: str) -> int:
        """Delete the lead from all previews; their figures stay. Returns from how many."""
        return (await self._leads.delete_many({"leadId": lead_id})).deleted_count


class PreviewLeadData(PersonalDataStore):
    """The registration of leads in previews: an erased one is in none, and their figures stay."""

    collections = (PREVIEW_LEADS,)

    def __init__(self, leads: PreviewLeads) -> None:
        self._leads = leads

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {"rulebookPreviews": await self._leads.names(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {"rulebookPreviews": await self._leads.forget(lead_id)}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"rulebookPreviews": self._leads.records(lead_id)}


def _document(preview_id: str, lead: LeadComparison) -> Document:
    return {
        "preview": preview_id,
        "leadId": lead.lead_id,
        "distance": round(abs(lead.difference), 6),
        "tags": tags_of(lead),
        "lead": msgspec.json.encode(lead).decode(),
    }
