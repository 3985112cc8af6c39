"""Scores of plain points, worth less after each silence; worked out in exact fractions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.reference.calculation.facts import DAY, Fact, activities, one_or_many
from tests.reference.calculation.score import Breakdown, Line


class PointsScoring:
    """After more than `afterDays` without activity all points are worth `factor`, and again per further whole day."""

    def __init__(self, rulebook: Mapping[str, Any]) -> None:
        self.rulebook, self.section = rulebook, rulebook["score"]

    def breakdown(self, facts: Sequence[Fact], at: int) -> Breakdown:
        return Breakdown(float(self.exact(facts, at)), tuple(self._lines(facts, at)))

    def curve(self, facts: Sequence[Fact], since: int) -> PointsCurve:
        return PointsCurve(self, facts, since)

    def exact(self, facts: Sequence[Fact], at: int) -> Fraction:
        points = self._worth_by_rule(facts, at)
        return sum(points.values(), Fraction(0))

    def cuts(self, facts: Sequence[Fact], at: int) -> list[int]:
        """How often the points of each fact were cut up to a moment, for facts in order of time until then.

        All silences that ended since then cut them, and the one that lasts.
        """
        done, until, by_then = 0, None, []
        active = {fact.position for fact in activities(facts, self.rulebook)}
        for fact in facts:
            silent = 0 if until is None else self._cuts(fact.at - until)
            by_then.append(done + silent)
            if fact.position in active:
                done, until = done + silent, fact.at
        by_now = done + (0 if until is None else self._cuts(at - until))
        return [by_now - cut for cut in by_then]

    def next_cuts(self, facts: Sequence[Fact]) -> tuple[int, int] | None:
        """When the silence that lasts cuts first, and when for the second time; a day lies between any further two."""
        moments = [fact.at for fact in activities(facts, self.rulebook)]
        if not moments or self.section.get("idleDecay") is None:
            return None
        first = max(moments) + self._days() * DAY
        return first + 1, first + DAY

    def factor(self) -> Fraction:
        return Fraction(str((self.section.get("idleDecay") or {}).get("factor", 0.8)))

    def _days(self) -> int:
        return self.section["idleDecay"].get("afterDays", 7)

    def _cuts(self, silence: int) -> int:
        if self.section.get("idleDecay") is None or silence <= self._days() * DAY:
            return 0
        return 1 + (silence - self._days() * DAY) // DAY

    def _counts_by(self, rule: Mapping[str, Any], fact: Fact) -> bool:
        return fact.counts and fact.type in one_or_many(rule["event"])

    def _worth_by_rule(self, facts: Sequence[Fact], at: int) -> dict[str, Fraction]:
        left = [self.factor() ** cut for cut in self.cuts(facts, at)]
        return {
            rule["id"]: Fraction(str(rule["points"]))
            * sum(
                (share for fact, share in zip(facts, left, strict=True) if self._counts_by(rule, fact)),
                Fraction(0),
            )
            for rule in self.section["rules"]
        }

    def _lines(self, facts: Sequence[Fact], at: int) -> Iterator[Line]:
        worth = self._worth_by_rule(facts, at)
        for rule in self.section["rules"]:
            counted = [fact for fact in facts if self._counts_by(rule, fact)]
            raw, points = Fraction(str(rule["points"])) * len(counted), worth[rule["id"]]
            if counted:
                yield Line(
                    rule["id"],
                    float(points),
                    float(raw),
                    faded=float(points - raw),
                    count=len(counted),
                    last_event_at=max(fact.at for fact in counted),
                    label=rule.get("label") or rule["id"],
                )


class PointsCurve:
    """The score after the last event: level, with a step at the moments at which the silence cuts."""

    def __init__(self, scoring: PointsScoring, facts: Sequence[Fact], since: int) -> None:
        self._factor, self._since = scoring.factor(), since
        self._amount = scoring.exact(facts, since)
        self._cuts = scoring.next_cuts(facts)

    def score(self, at: int) -> float:
        return float(self._exact(at))

    def first(self, low: float, high: float, after: int, until: int) -> int | None:
        return next(
            (at for at in self._moments(after, until) if not low <= self._exact(at) < high),
            None,
        )

    def _exact(self, at: int) -> Fraction:
        return self._amount * self._factor ** (self._count(at) - self._count(self._since))

    def _count(self, at: int) -> int:
        if self._cuts is None or at < self._cuts[0]:
            return 0
        return 1 + max(0, (at - self._cuts[1]) // DAY + 1)

    def _moments(self, after: int, until: int) -> Iterator[int]:
        """The millisecond after a moment, and every further one at which the silence cuts."""
        if after < until:
            yield after + 1
        if self._cuts is None:
            return
        if after + 1 < self._cuts[0] <= until:
            yield self._cuts[0]
        second = self._cuts[1]
        start = second + max(0, -(-(after + 2 - second) // DAY)) * DAY
        yield from range(start, until + 1, DAY)
