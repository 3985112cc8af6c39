"""Dependencies of a rule: names that its rulebook must define, and properties of events that it reads."""

from __future__ import annotations

from typing import Literal, NamedTuple

__all__ = ["Place", "PropertyRead", "Reference"]

Place = tuple[str | int, ...]
"""The way to a field through the sections and lists of a document."""


class Reference(NamedTuple):
    """Names that must exist, of what kind they are, and the place that they are written in."""

    kind: Literal["stage", "risk band", "channel"]
    names: tuple[str, ...]
    place: Place


class PropertyRead(NamedTuple):
    """A property of events, or an attribute of leads, whose value makes a difference; and the field that says so."""

    name: str
    place: Place
