"""The bundle of long passes: the store of their shares."""

from __future__ import annotations

from dataclasses import dataclass

from engine.passes.share_store import PassShareStore
from engine.store.mongo import Database

__all__ = ["Passes", "open_passes"]


@dataclass(frozen=True)
class Passes:
    """What passes over all leads are under way, or were."""

    shares: PassShareStore


def open_passes(database: Database) -> Passes:
    """Wire the store; nothing stays open."""
    return Passes(PassShareStore(database))
