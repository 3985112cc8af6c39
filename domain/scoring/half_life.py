"""The score of the rulebook `standard`: every rule fades by its own half-life; fit and engagement stand apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal

from msgspec import Struct
from pydantic import Field, field_validator, model_validator

from domain.events.event import Event
from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import DAY, Millis
from domain.rule_language.matcher import Given
from domain.rule_language.section import ActivityTypes, Number, Section, Slug
from domain.scoring.breakdown import Contribution, Reason, Score, ScoreBreakdown, ScoreChange
from domain.scoring.decayed_sum import DecayedSum
from domain.scoring.engagement import TOP, Engagement, Limits, RuleRegister, Scale
from domain.scoring.fit import Fit, Known
from domain.scoring.frequency_cap import RepeatPolicy

__all__ = ["HalfLifeRule", "HalfLifeScore", "HalfLifeState", "RuleRegister"]


_Match = Callable[[Event], bool]
_Evolve = Callable[[RuleRegister | None, Event], RuleRegister]


class HalfLifeState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="half-life"):
    """One register a rule, and what is known of the lead."""

    registers: dict[str, RuleRegister] = {}
    known: Known = {}


class Bounds(Section):
    """The least and the most that something may count; clamped when read, never when written."""

    low: Number = 0.0
    high: Number = TOP

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) must not be above high ({self.high:g})")
        return self

    @cached_property
    def limits(self) -> Limits:
        """The bounds, ready to be applied over and over."""
        return Limits(self.low, self.high)


class HalfLifeRule(Section):
    """Points for each event of the given types whose properties are as `where` says."""

    id: Slug
    label: str = ""
    group: Slug
    event: ActivityTypes
    where: dict[str, Given] = Field(default_factory=dict)
    points: Number = Field(ge=-1000, le=1000)
    half_life_days: Number | None = Field(None, gt=0, le=3650, description="Left out: it never fades.")
    cap: Bounds | None = None
    repeat: RepeatPolicy = None

    @model_validator(mode="after")
    def _can_take(self) -> HalfLifeRule:
        if self.points < 0 and self.cap is not None and self.cap.low >= 0:
            raise ValueError(f"rule '{self.id}' takes points away, so its cap needs a low below 0")
        return self

    def matches(self, event: Event) -> bool:
        """Whether the properties are as the rule says; the type is already known to be."""
        for name, test in self.where.items():
            if not test.holds(event.properties.get(name)):
                return False
        return True

    def evolve(self, register: RuleRegister | None, event: Event) -> RuleRegister:
        """The rule's register after an event that matches."""
        at, given, half_life_days, repeat = event.occurred_at, self.points, self.half_life_days, self.repeat
        before = register or RuleRegister(DecayedSum(), 0.0, 0, at)
        removed, seen, last = None, before.seen, before.last_event_at
        if repeat is not None:
            seen, removed = repeat.count(before.seen, event)
            if seen is before.seen:
                return before
        points = before.points.add(given, at, half_life_days)
        if removed is not None:
            points = points.add(-given, removed, half_life_days)
            return RuleRegister(points, before.raw_points, before.count, seen.latest, seen)
        return RuleRegister(
            points, before.raw_points + given, before.count + 1, at if at > last else last, seen
        )

    @cached_property
    def scale(self) -> Scale:
        """How this rule's register is read."""
        half_life = float("inf") if self.half_life_days is None else self.half_life_days * DAY
        limits = self.cap.limits if self.cap else Limits()
        return Scale(self.group, half_life, limits.low, limits.high)


class Group(Section):
    """Rules that are capped together, such as all that happens by e-mail."""

    id: Slug
    label: str = ""
    cap: Bounds = Bounds(low=-TOP)


class GradeSteps(Section):
    """Letters by fit, digits by engagement: from these on A, B, C and 1, 2, 3; below D and 4."""

    fit: tuple[float, float, float] = (75, 50, 25)
    engagement: tuple[float, float, float] = (75, 50, 25)

    @model_validator(mode="after")
    def _fall(self) -> GradeSteps:
        for name, steps in (("fit", self.fit), ("engagement", self.engagement)):
            if not steps[0] > steps[1] > steps[2]:
                raise ValueError(f"the steps of {name} must fall: from the best grade to the third")
        return self

    def grade(self, fit: float | None, engagement: float) -> str:
        """A1 to D4; `?` stands for a fit that is not known."""
        letter = "?" if fit is None else "ABCD"[_rank(self.fit, fit)]
        return f"{letter}{1 + _rank(self.engagement, engagement)}"


def _rank(steps: tuple[float, float, float], points: float) -> int:
    first, second, third = steps
    if points >= second:
        return 0 if points >= first else 1
    return 2 if points >= third else 3


class HalfLifeScore(Section):
    """score = weight x fit + (1 - weight) x engagement, or engagement alone while fit is not known.

    Engagement is the sum of the groups, a group the sum of its rules, each within its cap; both scales are 0 to 100.
    """

    model: Literal["half-life"]
    groups: tuple[Group, ...] = Field(min_length=1)
    rules: tuple[HalfLifeRule, ...] = Field(min_length=1)
    fit: Fit | None = None
    grades: GradeSteps = GradeSteps()

    @field_validator("rules", "groups")
    @classmethod
    def _unique(cls, rules: tuple[HalfLifeRule | Group, ...]) -> tuple[HalfLifeRule | Group, ...]:
        ids = [rule.id for rule in rules]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"the id '{one}' is there twice; give each its own")
        return rules

    @model_validator(mode="after")
    def _knows_its_groups(self) -> HalfLifeScore:
        for rule in self.rules:
            if rule.group not in self._groups:
                known = ", ".join(self._groups)
                raise ValueError(f"rule '{rule.id}': there is no group '{rule.group}'; write one of {known}")
            if rule.id.startswith(("cap-", "fit-")):
                raise ValueError(
                    f"rule '{rule.id}': limits and fit are told under such names; choose another"
                )
        for name in ("engagement", "fit"):
            if name in self._groups:
                raise ValueError(f"a group cannot be called '{name}'; the whole of it is")
        return self

    @cached_property
    def _groups(self) -> dict[str, Group]:
        return {group.id: group for group in self.groups}

    @cached_property
    def _fit_weight(self) -> float:
        return self.fit.weight if self.fit else 0.0

    @cached_property
    def _engagement(self) -> Engagement:
        return Engagement(
            {rule.id: rule.scale for rule in self.rules},
            {group.id: group.cap.limits for group in self.groups},
        )

    @cached_property
    def _rules(self) -> dict[str, HalfLifeRule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _rules_of_type(self) -> dict[str, tuple[tuple[str, _Match | None, _Evolve], ...]]:
        """By type of event: the id of each rule, its test if it has one, and what an event makes of its register."""
        types = {name for rule in self.rules for name in rule.event}
        return {
            name: tuple(
                (rule.id, rule.matches if rule.where else None, rule.evolve)
                for rule in self.rules
                if name in rule.event
            )
            for name in types
        }

    def initial(self) -> HalfLifeState:
        return HalfLifeState()

    def evolve(self, state: HalfLifeState, event: Event) -> HalfLifeState:
        """The state after one more event."""
        if self.fit is not None and event.type == LEAD_UPDATED:
            return HalfLifeState(state.registers, self.fit.learn(state.known, event))
        if not event.is_activity:
            return state
        registers = state.registers
        for rule_id, matches, evolve in self._rules_of_type.get(event.type, ()):
            if matches is None or matches(event):
                before = registers.get(rule_id)
                after = evolve(before, event)
                if after is not before:
                    registers = {**registers, rule_id: after}
        return state if registers is state.registers else HalfLifeState(registers, state.known)

    def total(self, state: HalfLifeState, as_of: Millis) -> Score:
        """The score without its parts, at a third of the cost."""
        engagement = self._engagement.total(state.registers, as_of)
        found = self.fit.parts(state.known) if self.fit and state.known else None
        if found is None:
            return Score(engagement, None, engagement)
        fit, weight = found[0], self._fit_weight
        return Score(weight * fit + (1.0 - weight) * engagement, fit, engagement)

    def standing(self, state: HalfLifeState, as_of: Millis) -> ScoreBreakdown:
        """The score and what each part gives to it."""
        return self._weighed(*self._engagement.parts(state.registers, as_of), state.known)

    def effect(self, event: Event, before: HalfLifeState, after: HalfLifeState, as_of: Millis) -> ScoreChange:  # noqa: ARG002 - the states tell all
        """What the event that made `after` of `before` did to each part, caps and weights included."""
        if after.known is not before.known:
            old, new = self.standing(before, as_of), self.standing(after, as_of)
            return ScoreChange(old.score, new.score, _moved(old.points, new.points))
        then, now, moved = self._engagement.change(before.registers, after.registers, as_of)
        found = self.fit.parts(after.known) if self.fit and after.known else None
        if found is None:
            return ScoreChange(then, now, tuple([Contribution(part, new - old) for part, old, new in moved]))
        fit, weight, rest = found[0], self._fit_weight, 1.0 - self._fit_weight
        given = tuple([Contribution(part, new * rest - old * rest) for part, old, new in moved])
        return ScoreChange(weight * fit + rest * then, weight * fit + rest * now, given)

    def _weighed(self, engagement: float, points: dict[str, float], known: Known) -> ScoreBreakdown:
        found = self.fit.parts(known) if self.fit else None
        if found is None:
            return ScoreBreakdown(engagement, points, None, engagement)
        (fit, fit_points), weight = found, self._fit_weight
        weighed = {part: value * (1.0 - weight) for part, value in points.items()}
        weighed |= {part: value * weight for part, value in fit_points.items()}
        return ScoreBreakdown(weight * fit + (1.0 - weight) * engagement, weighed, fit, engagement)

    def grade(self, total: Score) -> str:
        """The grade that goes with a total of this model."""
        assert total.engagement is not None
        return self.grades.grade(total.fit, total.engagement)

    def explain(self, state: HalfLifeState, as_of: Millis) -> tuple[Reason, ...]:
        """The score part by part, largest effect first; the points sum to the score."""
        standing = self.standing(state, as_of)
        weight = 1.0 if standing.fit is None or self.fit is None else 1.0 - self.fit.weight
        parts = [self._part(part, points, state, as_of, weight) for part, points in standing.points.items()]
        return tuple(sorted(parts, key=lambda part: (-abs(part.points), part.rule_id)))

    def _part(self, part: str, points: float, state: HalfLifeState, as_of: Millis, weight: float) -> Reason:
        rule, register = self._rules.get(part), state.registers.get(part)
        if rule is None or register is None:
            label, group = self._label(part)
            return Reason(rule_id=part, label=label, points=points, raw_points=points, group=group)
        unclamped = register.points.read(as_of, rule.half_life_days)
        return Reason(
            rule_id=part,
            label=rule.label or part,
            points=points,
            raw_points=register.raw_points,
            count=register.count,
            last_event_at=register.last_event_at,
            group=rule.group,
            half_life_days=rule.half_life_days,
            clamped=(rule.scale.read(register, as_of) - unclamped) * weight,
            faded=(unclamped - register.raw_points) * weight,
            overflowed=register.seen.forgotten,
        )

    def _label(self, part: str) -> tuple[str, str]:
        """The words for a part that no events stand behind, and the group that it belongs to."""
        kind, _, name = part.partition("-")
        if kind == "fit" and self.fit is not None:
            found = next((one for one in self.fit.attributes if one.id == name), None)
            return (found.label or found.attribute if found else name), "fit"
        if name in self._groups:
            return f"Limit of {self._groups[name].label or name}", name
        return f"Limit of {name}", name

    def groups_of(self, state: HalfLifeState, as_of: Millis) -> dict[str, float]:
        """The points of each group within its cap, before they are weighed."""
        sums = {group.id: 0.0 for group in self.groups}
        for rule_id, register in state.registers.items():
            if rule := self._rules.get(rule_id):
                sums[rule.group] += rule.scale.read(register, as_of)
        return {group: self._groups[group].cap.limits.clamp(total) for group, total in sums.items()}

    def never_rises(self, state: HalfLifeState) -> bool:
        """Whether time alone can only take points away."""
        return all(register.points.amount >= 0 for register in state.registers.values())


def _moved(old: dict[str, float], new: dict[str, float]) -> tuple[Contribution, ...]:
    """By how much each part differs, if it does."""
    moved = []
    for part, points in old.items():
        by = new.get(part, 0.0) - points
        if by:
            moved.append(Contribution(part, by))
    for part, points in new.items():
        if points and part not in old:
            moved.append(Contribution(part, points))
    return tuple(moved)
