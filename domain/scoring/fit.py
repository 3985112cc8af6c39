"""How well a lead fits, from what is known about it. Fit does not decay; not known is a state of its own."""

from __future__ import annotations

from msgspec import Struct
from pydantic import Field, field_validator

from domain.events.event import Event, Json
from domain.instant import Millis
from domain.privacy.personal_fields import is_sealed
from domain.rule_language.matcher import Given
from domain.rule_language.section import Number, Section, Slug
from domain.scoring.engagement import TOP

__all__ = ["Attribute", "Fit", "FitAttribute", "Known"]

_MAX_LENGTH = 200


class Attribute(Struct, frozen=True, rename="camel"):
    """A value, and the moment since when it is known; None is one that was taken back."""

    value: str | int | float | bool | None
    at: Millis


Known = dict[str, Attribute]
"""What is known of a lead, by the name of the attribute."""


class FitCase(Section):
    """Points for a value that is like this."""

    when: Given
    points: Number = Field(ge=-100, le=100)


class FitAttribute(Section):
    """Points for one attribute: of the first case that fits, `otherwise` if none does, `unknown` if not known."""

    attribute: str = Field(min_length=1, max_length=100)
    id: Slug
    label: str = ""
    cases: tuple[FitCase, ...]
    otherwise: Number = Field(0, ge=-100, le=100)
    unknown: Number = Field(0, ge=-100, le=100)

    def points(self, known: Known) -> float:
        """The points of a lead of which this is known."""
        if not self.is_known(known):
            return self.unknown
        value = known[self.attribute].value
        return next((case.points for case in self.cases if case.when.holds(value)), self.otherwise)

    def is_known(self, known: Known) -> bool:
        """Whether the attribute has a value."""
        attribute = known.get(self.attribute)
        return attribute is not None and attribute.value is not None


class Fit(Section):
    """Fit is the sum over the attributes, kept within 0 and 100."""

    weight: Number = Field(0.35, ge=0, le=1, description="Share of the score once anything is known.")
    attributes: tuple[FitAttribute, ...] = Field(min_length=1)

    @field_validator("attributes")
    @classmethod
    def _unique(cls, attributes: tuple[FitAttribute, ...]) -> tuple[FitAttribute, ...]:
        ids = [attribute.id for attribute in attributes]
        for one in ids:
            if ids.count(one) > 1:
                raise ValueError(f"two attributes have the id '{one}'; give each its own")
        return attributes

    def learn(self, known: Known, event: Event) -> Known:
        """What is known after a `lead.updated` event: the latest value of each attribute that the rules ask for.

        A null takes a value back. Of two events the later one wins, in whatever order they arrive.
        """
        learnt = dict(known)
        for rule in self.attributes:
            name = rule.attribute
            if name not in event.properties:
                continue
            before = learnt.get(name)
            if before is not None and before.at > event.occurred_at:
                continue
            learnt[name] = Attribute(_plain(event.properties[name]), event.occurred_at)
        return learnt

    def parts(self, known: Known) -> tuple[float, dict[str, float]] | None:
        """Fit and its parts, which sum to it, `fit-<id>` and `cap-fit`; None while no attribute has a value."""
        if not known or not any(rule.is_known(known) for rule in self.attributes):
            return None
        total = 0.0
        points: dict[str, float] = {}
        for rule in self.attributes:
            given = rule.points(known)
            total += given
            if given or rule.is_known(known):
                points[f"fit-{rule.id}"] = given
        fit = min(max(total, 0.0), TOP)
        if fit != total:
            points["cap-fit"] = fit - total
        return fit, points


def _plain(value: Json) -> str | int | float | bool | None:
    if is_sealed(value):
        return True  # of a sealed value the rules may only ask whether it is there
    if isinstance(value, str):
        return value[:_MAX_LENGTH] or None
    return value if isinstance(value, (bool, int, float)) else None
