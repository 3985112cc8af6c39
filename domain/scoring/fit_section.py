"""The section of a rulebook about fit: an attribute of the lead, and points case by case."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field, field_validator

from domain.rule_language.description import Block, Cell, Heading, Indented, Table
from domain.rule_language.matcher import Match
from domain.rule_language.reference import PropertyRead
from domain.rule_language.section import Number, Section, Slug
from domain.rule_language.words import percent
from domain.scoring.fit import Fit, FitAttribute

__all__ = ["FitAttributeSection", "FitCase", "FitSection"]


class FitCase(Section):
    """Points for a value that is like this."""

    when: Match
    points: Number = Field(ge=-100, le=100)


class FitAttributeSection(Section):
    """Points for one attribute: of the first case that fits, `otherwise` if none does, `unknown` if not known."""

    attribute: str = Field(min_length=1, max_length=100)
    id: Slug
    label: str = ""
    cases: tuple[FitCase, ...]
    otherwise: Number = Field(0, ge=-100, le=100)
    unknown: Number = Field(0, ge=-100, le=100)

    def compile(self) -> FitAttribute:
        """The attribute in executable form."""
        return FitAttribute(
            self.attribute,
            self.id,
            self.label or self.attribute,
            tuple((case.when.compile(), case.points) for case in self.cases),
            self.otherwise,
            self.unknown,
        )

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The attribute, and below it the points of each case in words."""
        yield "", f"{self.label or self.attribute} ({self.attribute})"
        for case in self.cases:
            yield f"{case.points:+g}" if case.points else "0", Indented(case.when.describe())
        for points, words in ((self.otherwise, "anything else"), (self.unknown, "not known")):
            yield f"{points:+g}" if points else "0", Indented(words)


class FitSection(Section):
    """Fit is the sum over the attributes, kept within 0 and 100."""

    weight: Number = Field(0.35, ge=0, le=1, description="Share of the score once anything is known.")
    attributes: tuple[FitAttributeSection, ...] = Field(min_length=1)

    @field_validator("attributes")
    @classmethod
    def _unique(cls, attributes: tuple[FitAttributeSection, ...]) -> tuple[FitAttributeSection, ...]:
        ids = [attribute.id for attribute in attributes]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"two attributes have the id '{one}'; give each its own")
        return attributes

    def compile(self) -> Fit:
        """Fit in executable form."""
        return Fit(self.weight, tuple(attribute.compile() for attribute in self.attributes))

    def describe(self) -> Iterator[Block]:
        """The weight of fit, and the points of each attribute case by case."""
        yield Heading("Fit, which does not fade")
        yield (
            f"The score is {percent(self.weight)} fit and {percent(1 - self.weight)} engagement; "
            "engagement alone while nothing is known of the lead. Fit is the sum of these points, 0 to 100:"
        )
        rows = tuple(row for attribute in self.attributes for row in attribute.rows())
        yield Table(("Points", "If"), rows, numeric=("Points",))

    def properties_read(self) -> Iterator[PropertyRead]:
        """Each attribute whose value makes a difference, and where in this section it is asked for."""
        for number, attribute in enumerate(self.attributes):
            for case_number, case in enumerate(attribute.cases):
                if not case.when.asks_for_presence_alone:
                    yield PropertyRead(
                        attribute.attribute, ("attributes", number, "cases", case_number, "when")
                    )
