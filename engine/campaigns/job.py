"""A job of a campaign as due work: an estimate, or a run, which goes on slice by slice."""

from __future__ import annotations

from typing import Literal

from domain.instant import Millis
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session
from engine.work.store import WorkStore
from engine.work.unit import Unit
from engine.work.unit_document import new_unit, unit_fields
from engine.work.unit_reader import due_index

__all__ = ["CAMPAIGN_JOBS", "CampaignJob", "CampaignJobStore", "JobKind"]

CAMPAIGN_JOBS = CollectionSpec(
    "campaignJobs",
    Distribution.UNSHARDED,
    (due_index(),),
    free_of_personal_data="ids of campaigns, and when they go on",
)

JobKind = Literal["estimate", "run"]


class CampaignJob(Unit, frozen=True, kw_only=True):
    """An estimate or a run; `number` says which one of the campaign's."""

    campaign_id: str
    does: JobKind
    number: int

    @property
    def log_context(self) -> dict[str, str | None]:
        """The ids that every log line of an attempt carries."""
        return {"campaignId": self.campaign_id, "jobId": self.unit_id}


class CampaignJobStore(WorkStore[CampaignJob]):
    """Jobs, each under an id made of its campaign, its kind and its number."""

    def __init__(self, database: Database) -> None:
        super().__init__(CAMPAIGN_JOBS.of(database), _read, name="job of a campaign")

    async def add(  # noqa: PLR0917 - the parts of a job
        self, campaign_id: str, does: JobKind, number: int, at: Millis, due_at: Millis, session: Session
    ) -> str:
        """Store a job that is due at a time. Returns its id."""
        unit_id = f"{campaign_id}:{does}:{number}"
        document: Document = {
            "_id": unit_id,
            "campaignId": campaign_id,
            "does": does,
            "number": number,
            **new_unit(at, due_at),
        }
        await self._units.insert_one(document, session=session)
        return unit_id


def _read(doc: Document) -> CampaignJob:
    return CampaignJob(
        **unit_fields(doc), campaign_id=doc["campaignId"], does=doc["does"], number=doc["number"]
    )
