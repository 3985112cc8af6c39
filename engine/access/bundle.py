"""The access bundle: API keys."""

from __future__ import annotations

from dataclasses import dataclass

from engine.access.keys.key_store import KeyStore
from engine.store.mongo import Database

__all__ = ["Access", "open_access"]


@dataclass(frozen=True)
class Access:
    """API keys as they are stored; the API keeps a cache of them."""

    keys: KeyStore


def open_access(database: Database) -> Access:
    """Wire the store; nothing stays open."""
    return Access(KeyStore(database))
