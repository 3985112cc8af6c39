"""The places of points in the text of a rulebook, so that a form can change a number and nothing else of the text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import yaml

from domain.errors import TextPlace
from domain.rule_language.core_schema import CoreSchemaLoader

__all__ = ["WrittenPoints", "written_points"]


class WrittenPoints(NamedTuple):
    """The points of the rule that scores at a `number` in the list of rules, as they are `written` at a place."""

    number: int
    place: TextPlace
    written: str


def written_points(text: str) -> tuple[WrittenPoints, ...]:
    """The points of the rules of a valid rulebook, in their order; rules that do not say theirs are left out."""
    rules = _value(_value(yaml.compose(text, Loader=CoreSchemaLoader), "score"), "rules")
    return tuple(_written(rules, text)) if isinstance(rules, yaml.SequenceNode) else ()


def _written(rules: yaml.SequenceNode, text: str) -> Iterator[WrittenPoints]:
    for number, rule in enumerate(rules.value):
        points = _value(rule, "points")
        if isinstance(points, yaml.ScalarNode):
            start, end = points.start_mark, points.end_mark
            place = TextPlace(start.line + 1, start.column + 1, f"score.rules[{number + 1}].points")
            yield WrittenPoints(number, place, text[start.index : end.index])


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    """What a mapping has under a key; nothing if it is none."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)
