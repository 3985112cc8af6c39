"""The report of a replay: counts, the leads that drifted or could not be folded, and the largest moves."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["Move", "ReplayReport"]

_MAX_MOVES = 10


class Move(NamedTuple):
    """How a lead would change under another rulebook."""

    lead_id: str
    score_before: float
    score_after: float
    stage_before: str
    stage_after: str

    @property
    def distance(self) -> float:
        """How far the score moves, in points."""
        return abs(self.score_after - self.score_before)


@dataclass
class ReplayReport:
    """What a replay found. `drifted` and `failed` name leads; `moves` holds the largest ones.

    `outdated` counts leads that a verification leaves out: they are still to be rebuilt under the active rulebook.
    """

    leads: int = 0
    events: int = 0
    rebuilt: int = 0
    outdated: int = 0
    changed_stage: int = 0
    drifted: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    moves: list[Move] = field(default_factory=list)

    def add_move(self, move: Move) -> None:
        """Count a lead that would move, if it does."""
        changed = move.stage_before != move.stage_after
        self.changed_stage += changed
        if changed or move.distance > 0:
            self.moves = _largest([*self.moves, move])

    @classmethod
    def sum_of(cls, reports: Iterable[ReplayReport]) -> ReplayReport:
        """One report of what several shares of all leads have found."""
        total = cls()
        for one in reports:
            total.leads += one.leads
            total.events += one.events
            total.rebuilt += one.rebuilt
            total.outdated += one.outdated
            total.changed_stage += one.changed_stage
            total.drifted = sorted(total.drifted + one.drifted)
            total.failed |= one.failed
            total.moves = _largest(total.moves + one.moves)
        return total


def _largest(moves: list[Move]) -> list[Move]:
    return sorted(moves, key=lambda move: -move.distance)[:_MAX_MOVES]
