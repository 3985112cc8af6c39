"""The identity bundle: which lead an identifier belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from engine.identity.identity_store import IdentityStore
from engine.settings.identity import IdentitySettings
from engine.store.mongo import Database

__all__ = ["Identity", "open_identity"]


@dataclass(frozen=True)
class Identity:
    """The store of identities, and the country of telephone numbers without one."""

    identities: IdentityStore
    phone_region: str


def open_identity(settings: IdentitySettings, database: Database) -> Identity:
    """Wire the store; nothing stays open."""
    return Identity(IdentityStore(database), settings.phone_region)
