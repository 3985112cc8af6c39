"""The personal data of rejected items: what exports show of them, and their removal with the person."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.identity.identity_store import IdentityStore
from engine.privacy.lead_key_store import LeadKeyStore
from engine.privacy.personal_data import Exported, PersonalDataStore, Record
from engine.sources.rejected_store import REJECTED_ITEMS, RejectedItem, RejectedStore

__all__ = ["SEALED_FIELD", "RejectedData", "key_owner_of"]

SEALED_FIELD = "sealed"
"""The name of the field for which the content of an item is encrypted."""
_PAGE = 200


def key_owner_of(source_id: str) -> str:
    """Under which id the key of a source lies among the keys of leads; a slash is in no lead id."""
    return f"source/{source_id}"


class RejectedData(PersonalDataStore):
    """The registration of rejected items. They are found by the identifiers of the lead, so they come before these are erased."""

    collections = (REJECTED_ITEMS,)

    def __init__(self, items: RejectedStore, identities: IdentityStore, keys: LeadKeyStore) -> None:
        self._items = items
        self._identities = identities
        self._keys = keys

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {"rejectedItems": bool(await self._items.about(await self._index_keys(lead_id), "", 1))}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"rejectedItems": self._records(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {"rejectedItems": await self._items.remove_about(await self._index_keys(lead_id))}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        last, index_keys = "", await self._index_keys(lead_id)
        while page := await self._items.about(index_keys, last, _PAGE):
            for item in page:
                yield await self._record(item)
            last = page[-1].item_id

    async def _index_keys(self, lead_id: str) -> list[str]:
        return await self._identities.index_keys_of_lead(lead_id)

    async def _record(self, item: RejectedItem) -> Record:
        key = await self._keys.find(key_owner_of(item.source_id))
        shown = None if item.sealed is None or key is None else key.open(SEALED_FIELD, item.sealed)
        return {
            "itemId": item.item_id,
            "sourceId": item.source_id,
            "rejectedAt": to_datetime(item.rejected_at),
            "faults": [{"pointer": fault.pointer, "detail": fault.detail} for fault in item.faults],
            "content": shown,
        }
