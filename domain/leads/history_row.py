"""The history row of one event: how it changed score and stage."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from domain.scoring.breakdown import Contribution

__all__ = ["HistoryRow"]


class HistoryRow(Struct, frozen=True, gc=False, kw_only=True, rename="camel"):
    """The change by one event: previousScore + decay + contributions = newScore.

    Rows are in the order in which the events occurred. `decay` is what time took since the row before, or gave where
    points below zero fade; `at` is the moment that `new_score` is the score of.
    """

    position: int
    event_id: str
    lead_id: str
    type: str
    occurred_at: Millis
    at: Millis
    previous_score: float
    decay: float
    contributions: tuple[Contribution, ...]
    new_score: float
    stage_before: str
    stage_after: str
    rulebook: str
    silent: bool
    """Whether the event is bookkeeping that neither scored nor moved the lead; most readers leave such rows out."""
