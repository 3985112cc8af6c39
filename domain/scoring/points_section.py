"""The section of a rulebook for the score model `points`."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf
from typing import Literal

from pydantic import Field, field_validator

from domain.instant import DAY
from domain.rule_language.description import Block, Labelled, Table
from domain.rule_language.reference import PropertyRead
from domain.rule_language.section import ActivityTypes, Number, Section, Slug
from domain.rule_language.words import any_of, days_in_words, percent
from domain.scoring.breakdown import Contribution
from domain.scoring.points import IdleDecay, PointsScore

__all__ = ["IdleDecaySection", "PointsRule", "PointsScoreSection"]


class IdleDecaySection(Section):
    """Points are worth less the longer a lead is silent.

    Idle for longer than `after_days`: times `factor`, and again for each further whole day.
    """

    after_days: int = Field(7, ge=0)
    factor: Number = Field(0.8, gt=0, le=1)

    def compile(self) -> IdleDecay:
        """The decay in executable form."""
        return IdleDecay(self.after_days, self.factor)

    def describe(self) -> str:
        """The decay in words."""
        return (
            f"After more than {days_in_words(self.after_days)} without activity all points are worth "
            f"{percent(self.factor)} of what they were, and as much less again for each further day."
        )


class PointsRule(Section):
    """Points for each event of the given types."""

    id: Slug
    event: ActivityTypes
    points: Number = Field(ge=-1_000_000, le=1_000_000)
    label: str = ""


class PointsScoreSection(Section):
    """Plain points per event, worth less after a silence."""

    model: Literal["points"]
    rules: tuple[PointsRule, ...] = Field(min_length=1)
    idle_decay: IdleDecaySection | None = None

    @field_validator("rules")
    @classmethod
    def _unique(cls, rules: tuple[PointsRule, ...]) -> tuple[PointsRule, ...]:
        seen: set[str] = set()
        for rule in rules:
            if rule.id in seen:
                raise ValueError(f"two rules have the id '{rule.id}'; give each its own")
            seen.add(rule.id)
        return rules

    def compile(self, our_actions: frozenset[str] = frozenset()) -> PointsScore:
        """The model in executable form; `our_actions` are types of what we do, which ends no silence."""
        types = {name for rule in self.rules for name in rule.event}
        return PointsScore(
            {
                name: tuple(Contribution(rule.id, rule.points) for rule in self.rules if name in rule.event)
                for name in types
            },
            {rule.id: rule.label or rule.id for rule in self.rules},
            self.idle_decay.compile() if self.idle_decay else None,
            self.idle_decay.after_days * DAY if self.idle_decay else inf,
            our_actions,
            takes_points=any(rule.points < 0 for rule in self.rules),
        )

    def describe(self) -> Iterator[Block]:
        """Every rule and what it gives, and how points fade."""
        yield "The score is the sum of these points; each event counts."
        yield Table(
            ("Points", "What happened"),
            tuple(
                (f"{rule.points:+g}", Labelled(rule.label or rule.id, any_of(rule.event)))
                for rule in self.rules
            ),
            numeric=("Points",),
        )
        yield "Points never fade." if self.idle_decay is None else self.idle_decay.describe()

    def properties_read(self) -> Iterator[PropertyRead]:
        """No property of an event makes a difference."""
        return iter(())
