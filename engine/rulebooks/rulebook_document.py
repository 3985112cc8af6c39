"""A published rulebook as MongoDB holds it."""

from __future__ import annotations

from typing import Any

from beanie import Document
from pymongo import ASCENDING, DESCENDING, IndexModel

from engine.store.collection import CollectionSpec, Distribution

__all__ = ["RULEBOOKS", "PublishedRulebook"]

RULEBOOKS = CollectionSpec(
    "rulebooks",
    Distribution.UNSHARDED,
    (IndexModel([("name", ASCENDING), ("version", DESCENDING)]),),
    free_of_personal_data="rules, written by operators",
)


class PublishedRulebook(Document):
    """A rulebook under its name and version, whose content never changes. Its id is the label `name@version`.

    `source` is the text as it was written, comments included; empty if only the rules are known.
    """

    id: str  # type: ignore[assignment]
    name: str
    version: int
    content: dict[str, Any]
    source: str = ""

    class Settings:
        name = RULEBOOKS.name
