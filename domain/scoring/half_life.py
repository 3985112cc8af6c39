"""The score model `half-life`: every rule fades by its own half-life; fit and engagement stand apart."""

from __future__ import annotations

from msgspec import Struct

from domain.events.event import Event
from domain.events.vocabulary import LEAD_UPDATED
from domain.instant import Millis
from domain.rule_language.where import Where
from domain.scoring.breakdown import Contribution, Reason, Score, ScoreBreakdown, ScoreChange
from domain.scoring.decayed_sum import DecayedSum
from domain.scoring.engagement import Engagement, RuleRegister, Scale
from domain.scoring.fit import Fit, Known
from domain.scoring.frequency_cap import FrequencyCap

__all__ = ["Grades", "HalfLifeRule", "HalfLifeScore", "HalfLifeState", "RuleRegister", "Steps"]

Steps = tuple[float, float, float]
"""Points from which on the best three grades of a scale are given."""


class HalfLifeState(Struct, frozen=True, gc=False, rename="camel", tag_field="model", tag="half-life"):
    """One register per rule, and what is known of the lead."""

    registers: dict[str, RuleRegister] = {}
    known: Known = {}


class HalfLifeRule(Struct, frozen=True):
    """Points for each event whose properties are as `where` says; the type is looked up before."""

    id: str
    label: str
    group: str
    points: float
    half_life_days: float | None
    scale: Scale
    where: Where | None
    """None for all events."""
    cap: FrequencyCap | None

    def evolve(self, register: RuleRegister | None, event: Event) -> RuleRegister:
        """The rule's register after an event that matches."""
        at, given, half_life_days, cap = event.occurred_at, self.points, self.half_life_days, self.cap
        before = register or RuleRegister(DecayedSum(), 0.0, 0, at)
        removed, seen, last = None, before.seen, before.last_event_at
        if cap is not None:
            seen, removed = cap.count(before.seen, event)
            if seen is before.seen:
                return before
        points = before.points.add(given, at, half_life_days)
        if removed is not None:
            points = points.add(-given, removed, half_life_days)
            return RuleRegister(points, before.raw_points, before.count, seen.latest, seen)
        return RuleRegister(
            points, before.raw_points + given, before.count + 1, at if at > last else last, seen
        )


class Grades(Struct, frozen=True):
    """Letters by fit, digits by engagement."""

    fit: Steps
    engagement: Steps

    def of(self, fit: float | None, engagement: float) -> str:
        """A1 to D4; `?` stands for a fit that is not known."""
        letter = "?" if fit is None else "ABCD"[_rank(self.fit, fit)]
        return f"{letter}{1 + _rank(self.engagement, engagement)}"


def _rank(steps: Steps, points: float) -> int:
    first, second, third = steps
    if points >= second:
        return 0 if points >= first else 1
    return 2 if points >= third else 3


class HalfLifeScore(Struct, frozen=True):
    """score = weight x fit + (1 - weight) x engagement, or engagement alone while fit is not known.

    Engagement is the sum of the groups, a group the sum of its rules, each within its cap; both scales are 0 to 100.
    """

    rules: dict[str, HalfLifeRule]
    rules_by_type: dict[str, tuple[HalfLifeRule, ...]]
    """By type of event: the rules that may give points for it."""
    engagement: Engagement
    group_labels: dict[str, str]
    fit: Fit | None
    fit_weight: float
    grades: Grades
    negative_rules: frozenset[str]
    """The rules that take points."""

    def initial(self) -> HalfLifeState:
        return HalfLifeState()

    def evolve(self, state: HalfLifeState, event: Event) -> HalfLifeState:
        """The state after one more event."""
        if self.fit is not None and event.type == LEAD_UPDATED:
            return HalfLifeState(state.registers, self.fit.learn(state.known, event))
        rules = self.rules_by_type.get(event.type)
        if rules is None or not event.can_score:
            return state
        registers = state.registers
        for rule in rules:
            if rule.where is None or rule.where.holds(event.properties):
                before = registers.get(rule.id)
                after = rule.evolve(before, event)
                if after is not before:
                    registers = {**registers, rule.id: after}
        return state if registers is state.registers else HalfLifeState(registers, state.known)

    def total(self, state: HalfLifeState, as_of: Millis) -> Score:
        """The score without its parts, at a third of the cost."""
        engagement = self.engagement.total(state.registers, as_of)
        found = self.fit.parts(state.known) if self.fit and state.known else None
        if found is None:
            return Score(engagement, None, engagement)
        fit, weight = found[0], self.fit_weight
        return Score(weight * fit + (1.0 - weight) * engagement, fit, engagement)

    def breakdown(self, state: HalfLifeState, as_of: Millis) -> ScoreBreakdown:
        """The score and what each part gives to it."""
        return self._weighed(*self.engagement.parts(state.registers, as_of), state.known)

    def change(
        self,
        event: Event,  # noqa: ARG002 - the states say all
        before: HalfLifeState,
        after: HalfLifeState,
        as_of: Millis,
    ) -> ScoreChange:
        """The effect of the event between the two states on each part, caps and weights included."""
        if after.known is not before.known:
            old, new = self.breakdown(before, as_of), self.breakdown(after, as_of)
            return ScoreChange(old.score, new.score, _moved(old.points, new.points))
        then, now, moved = self.engagement.change(before.registers, after.registers, as_of)
        found = self.fit.parts(after.known) if self.fit and after.known else None
        if found is None:
            return ScoreChange(then, now, tuple([Contribution(part, new - old) for part, old, new in moved]))
        fit, weight, rest = found[0], self.fit_weight, 1.0 - self.fit_weight
        given = tuple([Contribution(part, new * rest - old * rest) for part, old, new in moved])
        return ScoreChange(weight * fit + rest * then, weight * fit + rest * now, given)

    def _weighed(self, engagement: float, points: dict[str, float], known: Known) -> ScoreBreakdown:
        found = self.fit.parts(known) if self.fit else None
        if found is None:
            return ScoreBreakdown(engagement, points, None, engagement)
        (fit, fit_points), weight = found, self.fit_weight
        weighed = {part: value * (1.0 - weight) for part, value in points.items()}
        weighed |= {part: value * weight for part, value in fit_points.items()}
        return ScoreBreakdown(weight * fit + (1.0 - weight) * engagement, weighed, fit, engagement)

    def grade(self, total: Score) -> str:
        """The grade that goes with a total of this model."""
        assert total.engagement is not None
        return self.grades.of(total.fit, total.engagement)

    def explain(self, state: HalfLifeState, as_of: Millis) -> tuple[Reason, ...]:
        """The score part by part, largest effect first; the points sum to the score."""
        found = self.breakdown(state, as_of)
        weight = 1.0 if found.fit is None else 1.0 - self.fit_weight
        reasons = [self._reason(part, points, state, as_of, weight) for part, points in found.points.items()]
        return tuple(sorted(reasons, key=lambda reason: (-abs(reason.points), reason.rule_id)))

    def _reason(self, part: str, points: float, state: HalfLifeState, as_of: Millis, weight: float) -> Reason:
        rule, register = self.rules.get(part), state.registers.get(part)
        if rule is None or register is None:
            label, group = self._label(part)
            return Reason(rule_id=part, label=label, points=points, raw_points=points, group=group)
        unclamped = register.points.read(as_of, rule.half_life_days)
        return Reason(
            rule_id=part,
            label=rule.label,
            points=points,
            raw_points=register.raw_points * weight,
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
            return self.fit.label(name), "fit"
        return f"Limit of {self.group_label(name)}", name

    def group_points(self, state: HalfLifeState, as_of: Millis) -> dict[str, float]:
        """The points of each group within its cap, before they are weighed."""
        sums = dict.fromkeys(self.group_labels, 0.0)
        for rule_id, register in state.registers.items():
            if rule := self.rules.get(rule_id):
                sums[rule.group] += rule.scale.read(register, as_of)
        return {group: self.engagement.limits[group].clamp(total) for group, total in sums.items()}

    def group_label(self, group: str) -> str:
        """The words for a group; its id if there are none."""
        return self.group_labels.get(group, group)

    def never_rises(self, state: HalfLifeState) -> bool:
        """Whether time alone can only take points away: no rule has given negative points, which fade too."""
        return not self.negative_rules or self.negative_rules.isdisjoint(state.registers)

    def bounds(self, state: HalfLifeState, left: Millis, right: Millis) -> tuple[float, float]:
        """The least and the most that the score can be at any moment from `left` to `right`, if nothing happens."""
        low, high = self.engagement.bounds(state.registers, left, right)
        found = self.fit.parts(state.known) if self.fit and state.known else None
        if found is None:
            return low, high
        fit, weight = found[0], self.fit_weight
        return weight * fit + (1.0 - weight) * low, weight * fit + (1.0 - weight) * high


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
