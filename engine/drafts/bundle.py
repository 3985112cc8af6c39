"""The drafts bundle: the store of drafts and the assistant that writes them."""

from __future__ import annotations

from dataclasses import dataclass

from engine.assistant.assistant import Assistant
from engine.drafts.draft_store import DraftStore
from engine.store.mongo import Database

__all__ = ["Drafts", "open_drafts"]


@dataclass(frozen=True)
class Drafts:
    """Drafts with their writer."""

    store: DraftStore
    assistant: Assistant


def open_drafts(database: Database, assistant: Assistant) -> Drafts:
    """Wire the store; the assistant stays with its owner."""
    return Drafts(DraftStore(database), assistant)
