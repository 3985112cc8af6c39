"""The analytics bundle: the results of messages."""

from __future__ import annotations

from dataclasses import dataclass

from engine.analytics.result_counts import ResultCounts
from engine.analytics.result_store import ResultStore
from engine.store.mongo import Database

__all__ = ["Analytics", "open_analytics"]


@dataclass(frozen=True)
class Analytics:
    """The store of message results, and their counts."""

    results: ResultStore
    counts: ResultCounts


def open_analytics(database: Database) -> Analytics:
    """Wire the stores; nothing stays open."""
    return Analytics(ResultStore(database), ResultCounts(database))
