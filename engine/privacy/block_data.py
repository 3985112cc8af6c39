"""What exports show of a block: since when the lead is blocked. An erasure leaves the tombstone, which is its point."""

from __future__ import annotations

from domain.instant import to_datetime
from engine.privacy.blocked_lead_store import BLOCKED_LEADS, BlockedLeadStore
from engine.privacy.personal_data import EncryptedDataStore, Exported

__all__ = ["BlockData"]


class BlockData(EncryptedDataStore):
    """The registration of blocks, which hold a keyed hash of the lead's id and nothing else of it."""

    collections = (BLOCKED_LEADS,)

    def __init__(self, blocked: BlockedLeadStore) -> None:
        self._blocked = blocked

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        since = await self._blocked.since(lead_id)
        return {"blockedSince": None if since is None else to_datetime(since)}
