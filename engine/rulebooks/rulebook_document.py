"""A published rulebook as MongoDB holds it."""

from __future__ import annotations

from typing import Any

from beanie import Document

from engine.store.collection import CollectionSpec

__all__ = ["RULEBOOKS", "PublishedRulebook"]

RULEBOOKS = CollectionSpec("rulebooks", free_of_personal_data="rules, written by operators")


class PublishedRulebook(Document):
    """A rulebook under its name and version, whose content never changes. Its id is the label `name@version`."""

    id: str  # type: ignore[assignment]
    name: str
    version: int
    content: dict[str, Any]

    class Settings:
        name = RULEBOOKS.name
