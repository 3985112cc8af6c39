"""The registry protocol of data about leads: every store says how it finds, exports and erases one of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from engine.store.collection import CollectionSpec

__all__ = ["EncryptedDataStore", "Exported", "PersonalDataStore", "Record"]

Record = Mapping[str, object]
"""One exported record: JSON with camelCase names, and moments as aware datetimes."""

Exported = Mapping[str, object]
"""Parts of an export by name: a value, or an `AsyncIterator[Record]` that is written as an array."""


class PersonalDataStore(ABC):
    """What is registered per store. Leads are found by their id."""

    whole_leads: ClassVar[bool] = False
    """Whether an export of a lead has the data of all its streams already; else each stream is exported."""
    collections: ClassVar[Sequence[CollectionSpec]]
    """Where the data lies. A test fails for a collection that is neither here nor declared free of personal data."""

    @abstractmethod
    async def find(self, lead_id: str) -> Mapping[str, bool]:
        """What an erasure of the lead would remove here, by the name that the audit log shows, and whether any is left."""

    @abstractmethod
    async def export(self, lead_id: str, until: int) -> Exported:
        """Everything that is stored about the lead. Events after the position `until` are left out."""

    @abstractmethod
    async def erase(self, lead_id: str) -> Mapping[str, int]:
        """Remove what can still be read once the key of the lead is destroyed. Returns how many records changed, by name.

        Idempotent; a call after one that failed goes on where that ended.
        """


class EncryptedDataStore(PersonalDataStore):
    """A store that holds personal fields only encrypted, or none: destroying the key of the lead erases them."""

    async def find(self, lead_id: str) -> Mapping[str, bool]:  # noqa: ARG002 - the protocol's
        return {}

    async def erase(self, lead_id: str) -> Mapping[str, int]:  # noqa: ARG002 - the protocol's
        return {}
