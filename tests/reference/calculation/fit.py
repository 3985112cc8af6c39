"""Fit: what is known of a lead, and the points that it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import fsum
from typing import Any

from tests.reference.calculation.facts import Fact
from tests.reference.calculation.matching import holds
from tests.reference.calculation.score import Line, clamp

WHOLE_SCALE = {"low": 0, "high": 100}


def known_attributes(facts: Sequence[Fact], section: Mapping[str, Any] | None) -> dict[str, Any]:
    """The latest value of each attribute that the rulebook asks for, of facts in order of time; null takes one back."""
    known: dict[str, Any] = {}
    for fact in facts:
        if fact.type == "lead.updated":
            known |= fact.properties
    asked = {one["attribute"] for one in section["attributes"]} if section else set()
    return {name: value for name, value in known.items() if name in asked and value not in (None, "")}


def fit_lines(attributes: Mapping[str, Any], section: Mapping[str, Any]) -> list[Line]:
    """A line per attribute, and one for what the scale of 0 to 100 gives or takes."""
    lines = []
    for one in section["attributes"]:
        points = float(_points(one, attributes.get(one["attribute"])))
        lines.append(
            Line(f"fit-{one['id']}", points, points, label=one.get("label") or one["attribute"], group="fit")
        )
    plain = fsum(line.points for line in lines)
    limit = clamp(plain, WHOLE_SCALE) - plain
    return [*lines, Line("cap-fit", limit, limit, group="fit")]


def _points(attribute: Mapping[str, Any], value: Any) -> float:
    if value is None:
        return attribute.get("unknown", 0)
    fitting = (case["points"] for case in attribute["cases"] if holds(case["when"], value))
    return next(fitting, attribute.get("otherwise", 0))
