"""The personal data in campaigns: which of them a lead is or was in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.campaigns.campaign_store import CampaignStore
from engine.campaigns.member_store import CAMPAIGN_MEMBERS, Member, MemberStore
from engine.privacy.personal_data import Exported, PersonalDataStore, Record

__all__ = ["CampaignMemberData"]

_PAGE = 200
_NAME = "campaigns"


class CampaignMemberData(PersonalDataStore):
    """The registration of members: an erased lead is in no campaign, and campaigns only count that one was erased."""

    collections = (CAMPAIGN_MEMBERS,)

    def __init__(self, members: MemberStore, campaigns: CampaignStore) -> None:
        self._members = members
        self._campaigns = campaigns

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_NAME: bool(await self._members.of_lead(lead_id, None, 1))}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        removed = 0
        async for one in self._every(lead_id):
            if await self._members.remove(one.member_id):
                removed += 1
                await self._campaigns.count_erased(one.campaign_id)
        return {_NAME: removed}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {_NAME: self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        async for one in self._every(lead_id):
            yield {
                "campaignId": one.campaign_id,
                "result": one.result,
                "reasons": list(one.reasons),
                "subjectId": one.subject_id,
                "at": None if one.at is None else to_datetime(one.at),
            }

    async def _every(self, lead_id: str) -> AsyncIterator[Member]:
        after = None
        while page := await self._members.of_lead(lead_id, after, _PAGE):
            for one in page:
                yield one
            after = page[-1].member_id
