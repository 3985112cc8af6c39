"""The identity bundle: which lead an identifier belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from engine.identity.duplicate_store import DuplicateStore
from engine.identity.identity_store import IdentityStore
from engine.identity.name_store import NameStore
from engine.identity.stream_store import StreamStore
from engine.settings.capture.identity import IdentitySettings
from engine.store.mongo import Database

__all__ = ["Identity", "open_identity"]


@dataclass(frozen=True)
class Identity:
    """The stores of identities, merged streams, possible duplicates and names, and the country of telephone numbers without one."""

    identities: IdentityStore
    streams: StreamStore
    duplicates: DuplicateStore
    names: NameStore
    phone_region: str


def open_identity(settings: IdentitySettings, database: Database) -> Identity:
    """Wire the stores; nothing stays open."""
    identities = IdentityStore(database)
    return Identity(
        identities,
        StreamStore(database),
        DuplicateStore(database),
        NameStore(database, identities),
        settings.phone_region,
    )
