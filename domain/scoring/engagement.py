"""Engagement: the points of rules at a moment, summed by group, each within its cap."""

from __future__ import annotations

from msgspec import Struct

from domain.instant import Millis
from domain.scoring.decayed_sum import DecayedSum
from domain.scoring.frequency_cap import CountedKeys

__all__ = ["TOP", "Engagement", "Limits", "Moved", "RuleRegister", "Scale"]

TOP = 100.0
"""The most that engagement, fit and score can be."""


class RuleRegister(Struct, frozen=True, gc=False, rename="camel"):
    """The points that one rule has given to a lead."""

    points: DecayedSum
    raw_points: float
    count: int
    last_event_at: Millis
    seen: CountedKeys = CountedKeys()


class Limits(Struct, frozen=True, gc=False):
    """The least and the most that something may count, in points."""

    low: float = float("-inf")
    high: float = float("inf")

    def clamp(self, points: float) -> float:
        if points < self.low:
            return self.low
        return self.high if points > self.high else points


_WHOLE = Limits(0.0, TOP)


class Scale(Struct, frozen=True, gc=False):
    """How the register of a rule is read: by group, half-life in milliseconds (inf: it never fades) and cap."""

    group: str
    half_life: float
    low: float
    high: float

    def read(self, register: RuleRegister, as_of: Millis) -> float:
        """The rule's points at `as_of`, within its cap."""
        fading = register.points
        points: float = fading.amount * 2.0 ** ((fading.at - as_of) / self.half_life)
        if points < self.low:
            return self.low
        return self.high if points > self.high else points

    def bounds(self, register: RuleRegister, left: Millis, right: Millis) -> tuple[float, float]:
        """The least and the most that `read` gives at any moment from `left` to `right`."""
        at_left, at_right = self.read(register, left), self.read(register, right)
        return (at_left, at_right) if at_left < at_right else (at_right, at_left)


Registers = dict[str, RuleRegister]
Moved = tuple[str, float, float]
"""A part of the engagement whose points differ, with those before and those now."""


class Engagement(Struct, frozen=True, gc=False):
    """The sum of the groups, a group the sum of its rules, each within its cap, and the whole within 0 and 100.

    Its parts are the rules by id and what caps take, under `cap-<group>` and `cap-engagement`. Registers of unknown
    rules are left out. `empty` has the groups whose cap leaves out 0, which count though nothing has happened in them.
    """

    scales: dict[str, Scale]
    limits: dict[str, Limits]
    empty: dict[str, float] = {}

    def total(self, registers: Registers, as_of: Millis) -> float:
        """The engagement at `as_of`, as `parts` has it."""
        sums: dict[str, float] = self.empty.copy()
        scales, limits = self.scales, self.limits
        for rule_id, register in registers.items():
            if rule_id in scales:
                scale = scales[rule_id]
                group = scale.group
                sums[group] = sums.get(group, 0.0) + scale.read(register, as_of)
        engagement = 0.0  # `_whole`, without its call: this is the most frequent question of all
        for group, total in sums.items():
            limit = limits[group]
            engagement += total if limit.low <= total <= limit.high else limit.clamp(total)
        return engagement if 0.0 <= engagement <= TOP else _WHOLE.clamp(engagement)

    def bounds(self, registers: Registers, left: Millis, right: Millis) -> tuple[float, float]:
        """Bounds of the engagement from `left` to `right`: each rule only rises or only falls in between."""
        least: dict[str, float] = self.empty.copy()
        most: dict[str, float] = self.empty.copy()
        for rule_id, register in registers.items():
            if rule_id in self.scales:
                scale = self.scales[rule_id]
                low, high = scale.bounds(register, left, right)
                least[scale.group] = least.get(scale.group, 0.0) + low
                most[scale.group] = most.get(scale.group, 0.0) + high
        return self._whole(least), self._whole(most)

    def _whole(self, sums: dict[str, float]) -> float:
        """The engagement of groups with these sums."""
        engagement = 0.0
        for group, total in sums.items():
            engagement += self.limits[group].clamp(total)
        return _WHOLE.clamp(engagement)

    def parts(self, registers: Registers, as_of: Millis) -> tuple[float, dict[str, float]]:
        """The engagement at `as_of` and its parts, which sum to it."""
        points: dict[str, float] = {}
        sums: dict[str, float] = self.empty.copy()
        scales = self.scales
        for rule_id, register in registers.items():
            if rule_id in scales:
                scale = scales[rule_id]
                points[rule_id] = given = scale.read(register, as_of)
                sums[scale.group] = sums.get(scale.group, 0.0) + given
        engagement = 0.0
        for group, total in sums.items():
            capped = self.limits[group].clamp(total)
            if capped != total:
                points[f"cap-{group}"] = capped - total
            engagement += capped
        capped = _WHOLE.clamp(engagement)
        if capped != engagement:
            points["cap-engagement"] = capped - engagement
        return capped, points

    def change(self, before: Registers, after: Registers, as_of: Millis) -> tuple[float, float, list[Moved]]:
        """The engagement of both at `as_of`, as `parts` has it, and what differs.

        `after` is `before` with some registers changed or added. The others are the same objects, and read once.
        """
        scales, limits = self.scales, self.limits
        moved: list[Moved] = []
        sums: dict[str, float] = self.empty.copy()
        sums_before: dict[str, float] = self.empty.copy()
        for rule_id, register in after.items():
            if rule_id not in scales:
                continue
            scale, old = scales[rule_id], before.get(rule_id)
            group, now = scale.group, scale.read(register, as_of)
            sums[group] = sums.get(group, 0.0) + now
            if old is not None:
                then = now if old is register else scale.read(old, as_of)
                sums_before[group] = sums_before.get(group, 0.0) + then
                if now != then:
                    moved.append((rule_id, then, now))
            elif now:
                moved.append((rule_id, 0.0, now))
        total = total_before = 0.0
        for group, now in sums.items():
            limit, then = limits[group], sums_before.get(group, 0.0)
            capped = limit.clamp(now)
            capped_before = limit.clamp(then) if group in sums_before else 0.0
            total += capped
            total_before += capped_before
            if capped - now != capped_before - then:
                moved.append((f"cap-{group}", capped_before - then, capped - now))
        whole, whole_before = _WHOLE.clamp(total), _WHOLE.clamp(total_before)
        if whole - total != whole_before - total_before:
            moved.append(("cap-engagement", whole_before - total_before, whole - total))
        return whole_before, whole, moved
