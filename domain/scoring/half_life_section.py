"""The section of a rulebook for the score model `half-life`."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Literal

from pydantic import Field, field_validator, model_validator

from domain.instant import DAY
from domain.rule_language.description import Block, Cell, Heading, Labelled, Table
from domain.rule_language.reference import PropertyRead
from domain.rule_language.section import ActivityTypes, Number, Section, Slug
from domain.rule_language.tolerance import TOLERANCE
from domain.rule_language.where import WhereSection
from domain.rule_language.words import any_of, days_in_words
from domain.scoring.engagement import TOP, Engagement, Limits, Scale
from domain.scoring.fit_section import FitSection
from domain.scoring.frequency_cap import RepeatPolicy
from domain.scoring.half_life import Grades, HalfLifeRule, HalfLifeScore, Steps

__all__ = ["Bounds", "GradesSection", "Group", "HalfLifeRuleSection", "HalfLifeScoreSection"]


class Bounds(Section):
    """The least and the most that something may count; applied when read, never when written."""

    low: Number = 0.0
    high: Number = TOP

    @model_validator(mode="after")
    def _in_order(self) -> Bounds:
        if self.low > self.high:
            raise ValueError(f"low ({self.low:g}) must not be above high ({self.high:g})")
        return self

    def compile(self) -> Limits:
        """The bounds in executable form."""
        return Limits(self.low, self.high)

    def describe(self) -> str:
        """The bounds in words: `0 to 15`."""
        return f"{self.low:g} to {self.high:g}"


class HalfLifeRuleSection(Section):
    """Points for each event of the given types whose properties are as `where` says."""

    id: Slug
    label: str = ""
    group: Slug
    event: ActivityTypes
    where: WhereSection = WhereSection()
    points: Number = Field(ge=-1000, le=1000)
    half_life_days: Number | None = Field(None, gt=0, le=3650, description="Left out: it never fades.")
    cap: Bounds | None = None
    repeat: RepeatPolicy = None

    @model_validator(mode="after")
    def _can_take(self) -> HalfLifeRuleSection:
        if self.points < 0 and self.cap is not None and self.cap.low >= 0:
            raise ValueError(f"rule '{self.id}' takes points away, so its cap needs a low below 0")
        return self

    def compile(self) -> HalfLifeRule:
        """The rule in executable form."""
        half_life = inf if self.half_life_days is None else self.half_life_days * DAY
        limits = self.cap.compile() if self.cap else Limits()
        return HalfLifeRule(
            id=self.id,
            label=self.label or self.id,
            group=self.group,
            points=self.points,
            half_life_days=self.half_life_days,
            scale=Scale(self.group, half_life, limits.low, limits.high),
            where=None if self.where.is_empty else self.where.compile(),
            cap=self.repeat.compile() if self.repeat else None,
        )

    def row(self) -> tuple[Cell, ...]:
        """The rule in words: points, what happened, half-life, how often it counts, cap."""
        happened = any_of(self.event)
        if not self.where.is_empty:
            happened += f" where {self.where.describe()}"
        return (
            f"{self.points:+g}",
            Labelled(self.label or self.id, happened),
            "never" if self.half_life_days is None else days_in_words(self.half_life_days),
            "always" if self.repeat is None else self.repeat.describe(),
            "" if self.cap is None else self.cap.describe(),
        )

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each property whose value makes a difference, and where in this section it is asked for."""
        for name, place in self.where.properties_read():
            yield PropertyRead(name, ("where", *place))
        if self.repeat is not None and self.repeat.once_per is not None:
            yield PropertyRead(self.repeat.once_per, ("repeat", "oncePer"))


class Group(Section):
    """Rules that are capped together, such as all that happens by e-mail."""

    id: Slug
    label: str = ""
    cap: Bounds = Bounds(low=-TOP)


def _lowered(steps: Steps) -> Steps:
    """The steps as computed points are compared with them."""
    first, second, third = steps
    return first - TOLERANCE, second - TOLERANCE, third - TOLERANCE


class GradesSection(Section):
    """Letters by fit, digits by engagement: from these on A, B, C and 1, 2, 3; below D and 4."""

    fit: tuple[float, float, float] = (75, 50, 25)
    engagement: tuple[float, float, float] = (75, 50, 25)

    @model_validator(mode="after")
    def _fall(self) -> GradesSection:
        for name, steps in (("fit", self.fit), ("engagement", self.engagement)):
            if not steps[0] > steps[1] > steps[2]:
                raise ValueError(f"the steps of {name} must fall: from the best grade to the third")
        return self

    def compile(self) -> Grades:
        """The steps in executable form."""
        return Grades(_lowered(self.fit), _lowered(self.engagement))

    def describe(self) -> str:
        """The steps in words."""
        a, b, c = (f"{step:g}" for step in self.fit)
        one, two, three = (f"{step:g}" for step in self.engagement)
        return (
            f"A letter for fit: A from {a}, B from {b}, C from {c}, else D, and ? while it is not known. "
            f"A digit for engagement: 1 from {one}, 2 from {two}, 3 from {three}, else 4."
        )


class HalfLifeScoreSection(Section):
    """score = weight x fit + (1 - weight) x engagement, or engagement alone while fit is not known.

    Engagement is the sum of the groups, a group the sum of its rules, each within its cap; both scales are 0 to 100.
    """

    model: Literal["half-life"]
    groups: tuple[Group, ...] = Field(min_length=1)
    rules: tuple[HalfLifeRuleSection, ...] = Field(min_length=1)
    fit: FitSection | None = None
    grades: GradesSection = GradesSection()

    @field_validator("rules", "groups")
    @classmethod
    def _unique(
        cls, rules: tuple[HalfLifeRuleSection | Group, ...]
    ) -> tuple[HalfLifeRuleSection | Group, ...]:
        ids = [rule.id for rule in rules]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"the id '{one}' is there twice; give each its own")
        return rules

    @model_validator(mode="after")
    def _knows_its_groups(self) -> HalfLifeScoreSection:
        groups = [group.id for group in self.groups]
        for rule in self.rules:
            if rule.group not in groups:
                known = ", ".join(groups)
                raise ValueError(f"rule '{rule.id}': there is no group '{rule.group}'; write one of {known}")
            if rule.id.startswith(("cap-", "fit-")):
                raise ValueError(
                    f"rule '{rule.id}': limits and fit are shown under such names; choose another"
                )
        for name in ("engagement", "fit"):
            if name in groups:
                raise ValueError(f"a group cannot be called '{name}'; the whole of it is")
        return self

    def compile(self, our_actions: frozenset[str] = frozenset()) -> HalfLifeScore:  # noqa: ARG002
        """The model in executable form. Points fade by themselves, so it makes no difference which are our actions."""
        rules = {rule.id: rule.compile() for rule in self.rules}
        types = {name for rule in self.rules for name in rule.event}
        return HalfLifeScore(
            rules=rules,
            rules_by_type={
                name: tuple(rules[rule.id] for rule in self.rules if name in rule.event) for name in types
            },
            engagement=Engagement(
                {rule_id: rule.scale for rule_id, rule in rules.items()},
                {group.id: group.cap.compile() for group in self.groups},
                {group.id: 0.0 for group in self.groups if group.cap.compile().clamp(0.0)},
            ),
            group_labels={group.id: group.label or group.id for group in self.groups},
            fit=self.fit.compile() if self.fit else None,
            fit_weight=self.fit.weight if self.fit else 0.0,
            grades=self.grades.compile(),
            negative_rules=frozenset(rule.id for rule in self.rules if rule.points < 0),
        )

    def describe(self) -> Iterator[Block]:
        """Every rule by group, what it gives and how it fades; then fit and the grade."""
        yield (
            "Points fade all the time: half of them is left after the time given, a quarter after twice that. "
            "Rules belong to groups; engagement, 0 to 100, is the sum of the groups."
        )
        for group in self.groups:
            yield Heading(f"{group.label or group.id}, which counts {group.cap.describe()} in all")
            yield Table(
                ("Points", "What happened", "Half after", "Counts", "Cap"),
                tuple(rule.row() for rule in self.rules if rule.group == group.id),
                numeric=("Points",),
            )
        if self.fit is not None:
            yield from self.fit.describe()
        yield Heading("Grade")
        yield self.grades.describe()

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each property whose value makes a difference, and where in this section it is asked for."""
        for number, rule in enumerate(self.rules):
            for name, place in rule.properties_read():
                yield PropertyRead(name, ("rules", number, *place))
        for name, place in self.fit.properties_read() if self.fit else ():
            yield PropertyRead(name, ("fit", *place))
