"""The rulebook section `accounts`: how the leads of one company make one score."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from pydantic import Field

from domain.instant import DAY, Millis
from domain.rule_language.description import Block
from domain.rule_language.section import Number, Section
from domain.rule_language.words import days_in_words, percent

__all__ = ["AccountRules", "AccountsSection", "Breadth", "PeopleSurge"]


class Breadth(Struct, frozen=True):
    """Points per further engaged person, and the most of them."""

    min_score: float
    points: float
    at_most: float


class PeopleSurge(Struct, frozen=True):
    """Points while this many people are busier than usual at the same time."""

    people: int
    within: Millis
    momentum: float
    points: float


class AccountRules(Struct, frozen=True):
    """The section in executable form. `people` are the strongest leads that are looked at."""

    people: int
    weight: float
    breadth: Breadth | None
    surge: PeopleSurge | None


class BreadthSection(Section):
    """Points for every further person with at least `minScore` points of their own."""

    min_score: Number = Field(20, description="Points from which on a person counts as engaged.")
    points: Number = Field(5, gt=0, description="Points per engaged person after the first.")
    at_most: Number = Field(20, gt=0, description="Most points of all of them.")

    def compile(self) -> Breadth:
        """The rule in executable form."""
        return Breadth(self.min_score, self.points, self.at_most)

    def describe(self) -> str:
        """The rule in words."""
        return (
            f"Breadth: {self.points:g} points for every person after the first with a score of at least "
            f"{self.min_score:g}, at most {self.at_most:g}."
        )


class PeopleSurgeSection(Section):
    """Points while several people of the account are busier than usual at the same time."""

    people: int = Field(3, ge=2, le=50, description="How many people it takes.")
    within_days: Number = Field(7, gt=0, le=365, description="Days within which they must have been active.")
    momentum: Number = Field(
        1.0,
        description="Doublings of a person's usual pace, where the rulebook measures it. New people count anyhow.",
    )
    points: Number = Field(15, gt=0, description="Points while they are.")

    def compile(self) -> PeopleSurge:
        """The rule in executable form."""
        return PeopleSurge(self.people, round(self.within_days * DAY), self.momentum, self.points)

    def describe(self) -> str:
        """The rule in words."""
        return (
            f"Surge: {self.points:g} points while at least {self.people} people were active within "
            f"{days_in_words(self.within_days)} and are new or above their usual pace "
            f"(momentum of at least {self.momentum:g}, where it is measured)."
        )


class AccountsSection(Section):
    """How the leads of one company make one score: the strongest with falling weights, breadth, and surge over people."""

    people: int = Field(10, ge=1, le=50, description="How many of the strongest leads are looked at.")
    weight: Number = Field(
        0.5, ge=0, le=1, description="What each next lead counts, as a share of what the one before it does."
    )
    breadth: BreadthSection | None = None
    surge: PeopleSurgeSection | None = None

    def compile(self) -> AccountRules:
        """The rules in executable form."""
        return AccountRules(
            self.people,
            self.weight,
            None if self.breadth is None else self.breadth.compile(),
            None if self.surge is None else self.surge.compile(),
        )

    def describe(self) -> Iterator[Block]:
        """How the score of an account comes about."""
        yield (
            f"The {self.people} strongest leads count: the first with all of its points, each next one with "
            f"{percent(self.weight)} of the weight of the one before. Leads that are lost or disqualified, and "
            "negative scores, count nothing."
        )
        if self.breadth is not None:
            yield self.breadth.describe()
        if self.surge is not None:
            yield self.surge.describe()
