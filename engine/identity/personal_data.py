"""Identifiers as personal data: exported as they are compared, removed by an erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from domain.instant import to_datetime
from engine.identity.duplicate_store import POSSIBLE_DUPLICATES, DuplicateStore
from engine.identity.identity_store import IDENTITIES, IdentityStore
from engine.identity.name_store import LEAD_NAMES, NameStore
from engine.identity.stream_store import LEAD_STREAMS, StreamStore
from engine.privacy.blocked_lead_store import BlockedLeadStore
from engine.privacy.personal_data import EncryptedDataStore, Exported, PersonalDataStore, Record

__all__ = ["DuplicateData", "IdentityData", "NameData", "StreamData"]


class IdentityData(PersonalDataStore):
    """The registration of identities. Of a blocked lead keyed hashes stay, as of its id, so that it stays blocked."""

    collections = (IDENTITIES,)

    def __init__(self, identities: IdentityStore, blocked: BlockedLeadStore) -> None:
        self._identities = identities
        self._blocked = blocked

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {"identifiers": await self._identities.has_values(lead_id)}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"identifiers": self._records(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        is_blocked = await self._blocked.since(lead_id) is not None
        return {"identifiers": await self._identities.erase(lead_id, keep_hashes=is_blocked)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        async for one in self._identities.of_lead(lead_id):
            if one.identifier is not None:
                yield {
                    "kind": one.identifier.kind,
                    "value": one.identifier.value,
                    "firstSeenAt": to_datetime(one.first_seen_at),
                }


class StreamData(EncryptedDataStore):
    """The registration of merged streams, which are ids of leads and times."""

    whole_leads = True
    collections = (LEAD_STREAMS,)

    def __init__(self, streams: StreamStore) -> None:
        self._streams = streams

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"merges": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        for one in await self._streams.merges_of(await self._streams.lead_of(lead_id)):
            yield {"leadId": one.stream, "into": one.into, "at": to_datetime(one.since)}


class DuplicateData(EncryptedDataStore):
    """The registration of possible duplicates, which are ids of leads and kinds of identifiers."""

    collections = (POSSIBLE_DUPLICATES,)

    def __init__(self, duplicates: DuplicateStore) -> None:
        self._duplicates = duplicates

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"possibleDuplicates": self._records(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        for one in await self._duplicates.of_lead(lead_id):
            yield {"leadIds": one.lead_ids, "kind": one.kind, "at": to_datetime(one.at)}


class NameData(PersonalDataStore):
    """The registration of names, which are keyed hashes of their words: the names themselves are in the events."""

    collections = (LEAD_NAMES,)

    def __init__(self, names: NameStore) -> None:
        self._names = names

    async def find(self, lead_id: str) -> Mapping[str, bool]:
        return {"names": bool(await self._names.read([lead_id]))}

    async def export(self, lead_id: str, until: int) -> Exported:  # noqa: ARG002 - the protocol's
        return {"indexedNames": self._records(lead_id)}

    async def erase(self, lead_id: str) -> Mapping[str, int]:
        return {"names": await self._names.remove(lead_id)}

    async def _records(self, lead_id: str) -> AsyncIterator[Record]:
        for names in (await self._names.read([lead_id])).values():
            for field, one in names.fields.items():
                yield {"field": field, "words": len(one.words), "occurredAt": to_datetime(one.when[0])}
