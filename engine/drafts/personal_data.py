"""The personal data in drafts: their export and their erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.drafts.draft import Draft, open_draft
from engine.drafts.draft_store import DRAFTS, DraftStore
from engine.privacy.lead_key import LeadKey
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.process.clock import now

__all__ = ["DraftData"]

_PAGE = 200
_DRAFTS = "drafts"


class DraftData(PersonalDataStore):
    """The registration of drafts: what waits is not approved any more, and nothing of them can be read."""

    collections = (DRAFTS,)

    def __init__(self, drafts: DraftStore, keys: LeadKeyStore) -> None:
        self._drafts = drafts
        self._keys = keys

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {_DRAFTS: await self._drafts.has_content(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {_DRAFTS: await self._drafts.forget(lead_id, now())}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {_DRAFTS: self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        key, after = await self._keys.find(lead_id), None
        while page := await self._drafts.page(lead_ids=[lead_id], after=after, limit=_PAGE):
            for draft in page:
                yield _record(draft, key)
            after = (page[-1].created_at, page[-1].draft_id)


def _record(draft: Draft, key: LeadKey | None) -> Record:
    content = open_draft(draft.sealed, key)
    return {
        "id": draft.draft_id,
        "channel": draft.channel,
        "purpose": draft.purpose,
        "state": draft.state,
        "to": content.to if content else None,
        "subject": content.subject if content else None,
        "text": content.text if content else None,
        "createdAt": to_datetime(draft.created_at),
        "messageId": draft.message_id,
    }
