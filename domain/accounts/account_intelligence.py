"""The combined intelligence of an account: one score from its strongest leads, explained person by person."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, fsum

from msgspec import Struct

from domain.accounts.account_rules import AccountRules, Breadth, PeopleSurge
from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OutcomeName
from domain.instant import Millis

__all__ = ["COUNTED", "AccountScore", "Person", "PersonShare", "combine"]

COUNTED: frozenset[OutcomeName] = frozenset({"open", "won"})
"""The outcomes of leads that count for their account."""


class Person(Struct, frozen=True, kw_only=True):
    """One lead of an account at the moment asked about, and when it was first and last active."""

    lead_id: str
    assessment: Assessment
    first_activity_at: Millis | None = None
    last_activity_at: Millis | None = None


class PersonShare(Struct, frozen=True, kw_only=True):
    """What one person gives: `points` is the sum of `from_score` (score times `weight`), `from_breadth` and `from_surge`."""

    person: Person
    weight: float
    from_score: float
    from_breadth: float = 0.0
    from_surge: float = 0.0
    is_engaged: bool = False
    is_rising: bool = False

    @property
    def points(self) -> float:
        """All that the person gives, in hundredths."""
        return _hundredths(self.from_score + self.from_breadth + self.from_surge)


class AccountScore(Struct, frozen=True, kw_only=True):
    """The score of an account, which is the sum of the points of its people, strongest first."""

    score: float
    people: tuple[PersonShare, ...]
    has_surge: bool

    @property
    def engaged(self) -> int:
        """How many of the people are engaged, by the rule of breadth."""
        return sum(share.is_engaged for share in self.people)

    @property
    def rising(self) -> int:
        """How many of the people are busier than usual, by the rule of surge."""
        return sum(share.is_rising for share in self.people)


def combine(people: Sequence[Person], at: Millis, rules: AccountRules) -> AccountScore:
    """The score of the people of an account at one moment, whatever order they come in.

    Of those that count, the `rules.people` strongest are looked at, ties by their ids:

        score = sum of max(score_i, 0) * weight^i  +  min(points * further engaged people, at most)  +  surge points

    Every part is rounded to hundredths of a point, so that the parts shown add up.
    """
    counted = [one for one in people if one.assessment.outcome in COUNTED]
    strongest = sorted(counted, key=lambda one: (-one.assessment.score, one.lead_id))[: rules.people]
    engaged = [_is_engaged(one, rules.breadth) for one in strongest]
    rising = [_is_rising(one, at, rules.surge) for one in strongest]
    has_surge = rules.surge is not None and sum(rising) >= rules.surge.people
    surge = _split(rules.surge.points if rules.surge is not None and has_surge else 0.0, rising)
    shares = tuple(
        PersonShare(
            person=one,
            weight=rules.weight**number,
            from_score=_hundredths(max(one.assessment.score, 0.0) * rules.weight**number),
            from_breadth=_breadth(sum(engaged[:number]), rules.breadth) if engaged[number] else 0.0,
            from_surge=surge[number],
            is_engaged=engaged[number],
            is_rising=rising[number],
        )
        for number, one in enumerate(strongest)
    )
    score = _hundredths(fsum(share.points for share in shares))
    return AccountScore(score=score, people=shares, has_surge=has_surge)


def _hundredths(points: float) -> float:
    return round(points, 2)


def _split(points: float, rising: Sequence[bool]) -> list[float]:
    """The points of a surge, in equal parts of whole hundredths; the strongest person has what is left over."""
    people = sum(rising)
    if not people:
        return [0.0] * len(rising)
    each = floor(points * 100 / people) / 100
    first = rising.index(True)
    rest = _hundredths(points - each * (people - 1))
    return [(rest if number == first else each) if rises else 0.0 for number, rises in enumerate(rising)]


def _is_engaged(person: Person, rule: Breadth | None) -> bool:
    return rule is not None and person.assessment.score >= rule.min_score


def _breadth(before: int, rule: Breadth | None) -> float:
    """What one more engaged person gives after so many others; the first gives nothing."""
    if rule is None or before == 0:
        return 0.0
    return _hundredths(min(rule.points, max(0.0, rule.at_most - (before - 1) * rule.points)))


def _is_rising(person: Person, at: Millis, rule: PeopleSurge | None) -> bool:
    """Whether the person was active lately, and is new or above their usual pace."""
    if rule is None or person.last_activity_at is None or person.last_activity_at <= at - rule.within:
        return False
    momentum = person.assessment.momentum
    is_new = person.first_activity_at is not None and person.first_activity_at > at - rule.within
    return is_new or momentum is None or momentum >= rule.momentum
