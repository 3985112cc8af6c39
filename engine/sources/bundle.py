"""The sources bundle: configured sources, rejected items, and counts of what sources sent."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from engine.sources.rejected_store import RejectedStore
from engine.sources.source_store import SourceStore
from engine.store.mongo import Database

__all__ = ["CaptureOutcome", "Sources", "open_sources"]

CaptureOutcome = Literal["accepted", "duplicate", "blocked", "rejected", "not-kept"]


@dataclass(frozen=True)
class Sources:
    """Sources, what could not be taken of them, and the items of this process by format and outcome."""

    configured: SourceStore
    rejected: RejectedStore
    captured: Counter[tuple[str, CaptureOutcome]] = field(default_factory=Counter)


def open_sources(database: Database) -> Sources:
    """Wire the stores; nothing stays open."""
    return Sources(SourceStore(database), RejectedStore(database))
