"""Stages by the passage of time: when a lead entered which, with hysteresis, overrides and the next fall."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import inf
from typing import Any

from tests.reference.calculation.facts import DAY, Fact
from tests.reference.calculation.score import Scoring

EXACTNESS = 1e-10
"""A score that misses a line by less stands on it: sums of floating-point numbers are no more exact."""

HORIZON = 3 * 365 * DAY


@dataclass(frozen=True)
class Override:
    """A stage that a person set; it holds from `at` until before `until`."""

    stage: str
    by: str
    why: str
    at: int
    until: int


@dataclass(frozen=True)
class Stage:
    """The stage shown at a moment and since when, who set it if a person did, and the next fall by time alone."""

    name: str
    since: int
    override: Override | None
    drop: tuple[int, str] | None
    lines: frozenset[float] = frozenset()
    """The scores at which stages are entered and left."""


class StagePath:
    """The stages that a lead's score led it through, from its first event on."""

    def __init__(self, facts: Sequence[Fact], rulebook: Mapping[str, Any], scoring: Scoring) -> None:
        self._facts, self._scoring = facts, scoring
        self.ladder = Ladder(rulebook["stages"])
        self._changes = list(self._passed())

    def at(self, as_of: int) -> Stage:
        changes = [*(change for change in self._changes if change[0] <= as_of), *self._ahead(as_of)]
        overrides = list(self.ladder.overrides([fact for fact in self._facts if fact.at <= as_of]))
        shown = list(_shown(changes, overrides))
        place = bisect_right([at for at, _ in shown], as_of) - 1
        since, name = shown[place]
        rank = self.ladder.names.index
        drop = next((later for later in shown[place + 1 :] if rank(later[1]) < rank(name)), None)
        held = next((one for one in overrides if one.at <= as_of < one.until), None)
        return Stage(
            name, since, held, drop if drop and drop[0] <= as_of + HORIZON else None, self.ladder.lines
        )

    def _passed(self) -> Iterator[tuple[int, str]]:
        """Each moment at which the stage became another, up to the last event."""
        place = None
        for number, fact in enumerate(self._facts, 1):
            known = self._facts[:number]
            before = place
            place = self.ladder.settled(place or 0, self._scoring.curve(known, fact.at).score(fact.at))
            if place != before:
                yield fact.at, self.ladder.names[place]
            until = (
                self._facts[number].at if number < len(self._facts) else fact.at
            )  # before what happens then
            for at, later in self._by_time(known, place, fact.at, until):
                place = later
                yield at, self.ladder.names[later]

    def _ahead(self, as_of: int) -> Iterator[tuple[int, str]]:
        """What time alone leads to from the last event before a moment on, if nothing else happens."""
        known = [fact for fact in self._facts if fact.at <= as_of]
        last = known[-1].at
        place = self.ladder.names.index([name for at, name in self._changes if at <= last][-1])
        passed = {at for at, _ in self._changes if at <= as_of}
        for at, later in self._by_time(known, place, last, as_of + HORIZON):
            if at not in passed:
                yield at, self.ladder.names[later]

    def _by_time(
        self, known: Sequence[Fact], place: int, after: int, until: int
    ) -> Iterator[tuple[int, int]]:
        curve = self._scoring.curve(known, after)
        while (at := curve.first(self.ladder.low(place), self.ladder.high(place), after, until)) is not None:
            place, after = self.ladder.settled(place, curve.score(at)), at
            yield at, place


class Ladder:
    """The lines between stages: up at `from`, down only `hysteresis` below it."""

    def __init__(self, section: Mapping[str, Any]) -> None:
        steps = section["steps"]
        self.names = [step["name"] for step in steps]
        self._up = [-inf, *(Fraction(str(step["from"])) for step in steps[1:])]
        part = 1 - Fraction(str(section.get("hysteresis", 0)))
        self._down = [-inf, *(line * part for line in self._up[1:])]
        self.lines = frozenset(map(float, (*self._up[1:], *self._down[1:])))
        self._override_days = section.get("overrideDays", 30)

    def low(self, place: int) -> float:
        """A score below this leaves the stage."""
        return self._down[place] - EXACTNESS

    def high(self, place: int) -> float:
        """A score of this or more leads to a higher stage."""
        return self._up[place + 1] - EXACTNESS if place + 1 < len(self._up) else inf

    def settled(self, place: int, score: float) -> int:
        """Up to the highest stage whose line the score has reached, else down to the highest that it may stay in."""
        lines = [self._down[other] if other <= place else self._up[other] for other in range(len(self.names))]
        return max(other for other, line in enumerate(lines) if score >= line - EXACTNESS)

    def overrides(self, facts: Sequence[Fact]) -> Iterator[Override]:
        said = [fact for fact in facts if fact.type == "stage.cleared" or self._is_set(fact)]
        for fact, ended in zip(said, [*(later.at for later in said[1:]), inf], strict=False):
            if fact.type == "stage.set":
                by, why = (fact.properties.get(name, "") for name in ("by", "why"))
                until = min(fact.at + self._override_days * DAY, ended)
                yield Override(fact.properties["stage"], by, why, fact.at, until)

    def _is_set(self, fact: Fact) -> bool:
        return fact.type == "stage.set" and fact.properties.get("stage") in self.names


def _shown(changes: Sequence[tuple[int, str]], overrides: Sequence[Override]) -> Iterator[tuple[int, str]]:
    """Each moment at which the stage that is shown became another."""
    moments = {at for at, _ in changes} | {moment for one in overrides for moment in (one.at, one.until)}
    before = None
    for moment in sorted(moments):
        name = next((one.stage for one in overrides if one.at <= moment < one.until), None)
        name = name or [natural for at, natural in changes if at <= moment][-1]
        if name != before:
            yield moment, name
        before = name
