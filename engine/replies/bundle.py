"""The bundle of replies: the readings that are due."""

from __future__ import annotations

from dataclasses import dataclass

from engine.replies.reading_store import ReplyReadingStore
from engine.store.mongo import Database

__all__ = ["Replies", "open_replies"]


@dataclass(frozen=True)
class Replies:
    """What is to be read of what leads have written."""

    readings: ReplyReadingStore


def open_replies(database: Database) -> Replies:
    """Wire the store."""
    return Replies(ReplyReadingStore(database))
