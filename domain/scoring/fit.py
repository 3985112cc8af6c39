"""Fit: points for what is known about a lead. Fit does not decay; an unknown attribute is a state of its own."""

from __future__ import annotations

from typing import cast

from msgspec import Struct

from domain.events.event import Event, Json
from domain.instant import Millis
from domain.privacy.personal_fields import is_sealed
from domain.rule_language.matcher import Matcher, Scalar
from domain.scoring.engagement import TOP

__all__ = ["Attribute", "Fit", "FitAttribute", "Known"]

_MAX_LENGTH = 200
"""Characters of a text that are kept."""
_MAX_ITEMS = 50
"""Items of a list that are kept."""


class Attribute(Struct, frozen=True, rename="camel"):
    """A value, and the moment since when it is known; None is one that was taken back."""

    value: str | int | float | bool | tuple[Scalar, ...] | None
    at: Millis


Known = dict[str, Attribute]
"""The known attributes of a lead, by name."""


class FitAttribute(Struct, frozen=True):
    """Points for one attribute: of the first case that fits, `otherwise` if none does, `unknown` if not known."""

    attribute: str
    id: str
    label: str
    cases: tuple[tuple[Matcher, float], ...]
    otherwise: float
    unknown: float

    def points(self, known: Known) -> float:
        """The points of a lead of which this is known."""
        if not self.is_known(known):
            return self.unknown
        value = cast("Json", known[self.attribute].value)
        return next((points for when, points in self.cases if when.holds(value)), self.otherwise)

    def is_known(self, known: Known) -> bool:
        """Whether the attribute has a value."""
        attribute = known.get(self.attribute)
        return attribute is not None and attribute.value is not None


class Fit(Struct, frozen=True):
    """The sum over the attributes, kept within 0 and 100; `weight` is its share of the score."""

    weight: float
    attributes: tuple[FitAttribute, ...]

    def learn(self, known: Known, event: Event) -> Known:
        """The known attributes after a `lead.updated` event: the latest value of each attribute that the rules ask for.

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

    def label(self, attribute_id: str) -> str:
        """The words for an attribute; its id if there are none."""
        found = next((one for one in self.attributes if one.id == attribute_id), None)
        return found.label if found else attribute_id


def _plain(value: Json) -> str | int | float | bool | tuple[Scalar, ...] | None:
    """The value short enough to be remembered; None for an object, and for a blank text or an empty list."""
    if is_sealed(value):
        return True  # of a sealed value the rules may only ask whether it is there
    if isinstance(value, list):
        items = (_plain(item) for item in value[:_MAX_ITEMS] if not isinstance(item, list))
        return tuple(item for item in items if isinstance(item, (str, int, float))) or None
    if isinstance(value, str):
        return value.strip()[:_MAX_LENGTH] or None
    return value if isinstance(value, (bool, int, float)) else None
