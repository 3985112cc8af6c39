"""Scores of points that fade: rules in groups, groups in an engagement, and fit beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from tests.reference.calculation.facts import DAY, Fact, one_or_many
from tests.reference.calculation.fit import fit_lines, known_attributes
from tests.reference.calculation.matching import key, where_holds
from tests.reference.calculation.score import Breakdown, Line, clamp

WHOLE_GROUP = {"low": -100, "high": 100}
WHOLE_SCALE = {"low": 0, "high": 100}


class HalfLifeScoring:
    def __init__(self, section: Mapping[str, Any]) -> None:
        self.section = section

    def breakdown(self, facts: Sequence[Fact], at: int) -> Breakdown:
        attributes = known_attributes(facts, self.section.get("fit"))
        lines, groups = self._engagement_lines(facts, at)
        engagement = fsum(line.points for line in lines)
        fit = None
        if attributes:
            share = self.section["fit"].get("weight", 0.35)
            about_fit = fit_lines(attributes, self.section["fit"])
            fit = fsum(line.points for line in about_fit)
            lines = [*_weighed(about_fit, share), *_weighed(lines, 1 - share)]
        return Breakdown(
            score=fsum(line.points for line in lines),
            lines=tuple(lines),
            fit=fit,
            engagement=engagement,
            grade=self._grade(fit, engagement),
            groups=groups,
        )

    def curve(self, facts: Sequence[Fact], since: int) -> HalfLifeCurve:
        return HalfLifeCurve(self, facts, since)

    def weighed(self, engagement: float, fit: float | None) -> float:
        if fit is None:
            return engagement
        share = self.section["fit"].get("weight", 0.35)
        return share * fit + (1 - share) * engagement

    def fit(self, facts: Sequence[Fact]) -> float | None:
        attributes = known_attributes(facts, self.section.get("fit"))
        return (
            fsum(line.points for line in fit_lines(attributes, self.section["fit"])) if attributes else None
        )

    def _engagement_lines(self, facts: Sequence[Fact], at: int) -> tuple[list[Line], dict[str, float]]:
        lines: list[Line] = []
        groups: dict[str, float] = {}
        for group in self.section["groups"]:
            rules = [rule for rule in self.section["rules"] if rule["group"] == group["id"]]
            members = [line for rule in rules if (line := _rule_line(rule, facts, at))]
            plain = fsum(line.points for line in members)
            groups[group["id"]] = clamp(plain, group.get("cap", WHOLE_GROUP))
            lines += [*members, _limit(group["id"], groups[group["id"]] - plain)]
        plain = fsum(groups.values())
        lines.append(_limit("engagement", clamp(plain, WHOLE_SCALE) - plain))
        return lines, groups

    def _grade(self, fit: float | None, engagement: float) -> str:
        bounds = self.section.get("grades", {})
        letter = "?" if fit is None else "ABCD"[_place(fit, bounds.get("fit", (75, 50, 25)))]
        return letter + "1234"[_place(engagement, bounds.get("engagement", (75, 50, 25)))]


class HalfLifeCurve:
    """The score after the last event: each rule is one fading number, so it can be bounded over any stretch."""

    def __init__(self, scoring: HalfLifeScoring, facts: Sequence[Fact], since: int) -> None:
        self._scoring, self._since = scoring, since
        self._fit = scoring.fit(facts)
        self._groups = [
            (
                group.get("cap", WHOLE_GROUP),
                [
                    (fading(rule, moments, since), rule.get("halfLifeDays"), rule.get("cap"))
                    for rule in scoring.section["rules"]
                    if rule["group"] == group["id"] and (moments := counted(rule, facts))
                ],
            )
            for group in scoring.section["groups"]
        ]

    def score(self, at: int) -> float:
        return self.bounds(at, at)[0]

    def bounds(self, left: int, right: int) -> tuple[float, float]:
        """Between which numbers the score is from one moment to another: every rule rises or falls, none does both."""
        low = high = 0.0
        for cap, rules in self._groups:
            lows, highs = [], []
            for amount, half_life, own_cap in rules:
                ends = [clamp(amount * self._left_of(half_life, at), own_cap) for at in (left, right)]
                lows.append(min(ends))
                highs.append(max(ends))
            low += clamp(fsum(lows), cap)
            high += clamp(fsum(highs), cap)
        low, high = (self._scoring.weighed(clamp(end, WHOLE_SCALE), self._fit) for end in (low, high))
        return low, high

    def first(self, low: float, high: float, after: int, until: int) -> int | None:
        """Halve the stretch until it is certain or one millisecond long, from the left."""
        stretches = [(after + 1, until)] if after < until else []
        while stretches:
            left, right = stretches.pop()
            least, most = self.bounds(left, right)
            if low <= least and most < high:
                continue
            if most < low or least >= high or left == right:
                return left
            middle = (left + right) // 2
            stretches += [(middle + 1, right), (left, middle)]
        return None

    def _left_of(self, half_life: float | None, at: int) -> float:
        return 1.0 if half_life is None else 2.0 ** (-(at - self._since) / DAY / half_life)


def counted(rule: Mapping[str, Any], facts: Sequence[Fact]) -> list[int]:
    """The moments of the events that count by a rule, of facts in order of time: the earliest ones of each key."""
    taken: dict[Any, int] = {}
    moments = []
    for fact in facts:
        if fact.counts and _concerns(rule, fact):
            key, most = _repeat_key(rule.get("repeat", "always"), fact)
            taken[key] = taken.get(key, 0) + 1
            if taken[key] <= most:
                moments.append(fact.at)
    return moments


def fading(rule: Mapping[str, Any], moments: Sequence[int], at: int) -> float:
    """The points of a rule at a moment before its cap: each event's, halved in each half-life since it occurred."""
    half_life = rule.get("halfLifeDays")
    if half_life is None:
        return fsum(rule["points"] for _ in moments)
    return fsum(rule["points"] * 2.0 ** (-(at - moment) / DAY / half_life) for moment in moments)


def _concerns(rule: Mapping[str, Any], fact: Fact) -> bool:
    return fact.type in one_or_many(rule["event"]) and where_holds(rule.get("where", {}), fact.properties)


def _repeat_key(policy: Any, fact: Fact) -> tuple[Any, int]:
    """What an event counts under, and how many may under the same."""
    if policy == "always" or policy is None:
        return fact.position, 1
    if policy == "once" or policy.get("once"):
        return "", 1
    if "oncePer" in policy:
        return key(fact.properties.get(policy["oncePer"])), 1
    return fact.at // DAY, policy["atMost"]


def _rule_line(rule: Mapping[str, Any], facts: Sequence[Fact], at: int) -> Line | None:
    moments = counted(rule, facts)
    if not moments:
        return None
    raw, now = rule["points"] * len(moments), fading(rule, moments, at)
    points = clamp(now, rule.get("cap"))
    return Line(
        rule["id"],
        points,
        raw,
        faded=now - raw,
        clamped=points - now,
        count=len(moments),
        last_event_at=max(moments),
        half_life_days=rule.get("halfLifeDays"),
        label=rule.get("label") or rule["id"],
        group=rule["group"],
    )


def _limit(name: str, points: float) -> Line:
    return Line(f"cap-{name}", points, points, group=name)


def _weighed(lines: Sequence[Line], weight: float) -> list[Line]:
    return [Line(**{**vars(line), "points": line.points * weight, "weight": weight}) for line in lines]


def _place(value: float, bounds: Sequence[float]) -> int:
    return next((place for place, bound in enumerate(bounds) if value >= bound), len(bounds))
