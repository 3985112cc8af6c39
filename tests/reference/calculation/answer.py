"""The whole answer about a lead at a moment, from the set of its events and a rulebook read as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.contact import Contact, contact
from tests.reference.calculation.decision import Decision, Measured, decide
from tests.reference.calculation.facts import Fact, activities, in_order_of_time
from tests.reference.calculation.half_life import HalfLifeScoring
from tests.reference.calculation.outcome import Outcome, outcome
from tests.reference.calculation.points import PointsScoring
from tests.reference.calculation.risk import Risk, risk
from tests.reference.calculation.score import Breakdown
from tests.reference.calculation.stages import Stage, StagePath
from tests.reference.calculation.tags import tags
from tests.reference.calculation.velocity import Velocity, velocity


@dataclass(frozen=True)
class Answer:
    """Everything about a lead at `as_of`, nothing of it rounded."""

    as_of: int
    score: Breakdown
    stage: Stage
    velocity: Velocity
    risk: Risk
    contact: Contact
    outcome: Outcome
    decision: Decision
    tags: frozenset[str]
    activities: tuple[int, ...]
    """The moments of all that the lead did."""


class LeadReference:
    """The answers about one lead under one rulebook; the order of the facts that are given plays no part."""

    def __init__(self, facts: Iterable[Fact], rulebook: Mapping[str, Any]) -> None:
        self.facts, self.rulebook = in_order_of_time(facts), rulebook
        is_points = rulebook["score"]["model"] == "points"
        self.scoring = PointsScoring(rulebook) if is_points else HalfLifeScoring(rulebook["score"])
        self.path = StagePath(self.facts, rulebook, self.scoring)

    def at(self, as_of: int) -> Answer:
        """The answer of what had occurred by then, which must be something."""
        known = [fact for fact in self.facts if fact.at <= as_of]
        active = activities(known, self.rulebook)
        score, stage = self.scoring.breakdown(known, as_of), self.path.at(as_of)
        pace = velocity(self.rulebook["velocity"], active, as_of)
        danger, talk = risk(self.rulebook["risk"], active, as_of), contact(self.rulebook, known)
        ended = outcome(self.rulebook, known)
        numbers_and_names = {
            "stage": stage.name,
            "grade": score.grade,
            "risk": danger.band,
            "score": score.score,
            "velocity": pace.value,
            "momentum": pace.momentum,
            "surge": None if pace.momentum is None else pace.surge,
            "openConversation": talk.open_conversation,
        }
        decision = decide(self.rulebook, Measured(numbers_and_names, talk, ended.name))
        moments = tuple(fact.at for fact in active)
        return Answer(as_of, score, stage, pace, danger, talk, ended, decision, tags(known), moments)


def answer(facts: Iterable[Fact], rulebook: Mapping[str, Any], as_of: int) -> Answer:
    return LeadReference(facts, rulebook).at(as_of)
