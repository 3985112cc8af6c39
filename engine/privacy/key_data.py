"""The key of a lead, as exports show it: its id and age, never the key itself."""

from __future__ import annotations

from domain.instant import to_datetime
from engine.privacy.lead_key_store import LEAD_KEYS, LeadKeyStore
from engine.privacy.personal_data import EncryptedDataStore, Exported

__all__ = ["LeadKeyData"]


class LeadKeyData(EncryptedDataStore):
    """The registration of lead keys. An erasure destroys the key itself, in the transaction of its audit entry."""

    collections = (LEAD_KEYS,)

    def __init__(self, keys: LeadKeyStore) -> None:
        self._keys = keys

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        key = await self._keys.record(lead_id)
        shown = {"id": key.key_id, "createdAt": to_datetime(key.created_at)} if key else None
        return {"personalDataKey": shown}
