"""The words of a change between two rulebooks: what it is about, and what stood there before and stands there now."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

import msgspec
from msgspec import UNSET, UnsetType

from domain.events.event import Json
from domain.rule_language.words import value_in_words

__all__ = ["labels_of", "phrase"]

_ITEMS: Mapping[tuple[str, ...], str] = {
    ("score", "rules"): "Rule",
    ("score", "groups"): "Group",
    ("score", "fit", "attributes"): "Fit",
    ("stages", "steps"): "Stage",
    ("automations",): "Automation",
    ("goals",): "Goal",
    ("nextAction",): "Next action, row",
}
_MOST_CHARACTERS = 200


def phrase(
    place: tuple[str, ...],
    before: Json | UnsetType,
    after: Json | UnsetType,
    labels: Mapping[tuple[str, ...], str],
) -> str:
    """The change as a sentence, such as `Rule pricing-view (Looked at prices): points 5 -> 8`, with its full stop."""
    for length in range(len(place) - 1, 0, -1):
        if (kind := _ITEMS.get(place[:length])) is not None:
            name, field = place[length], place[length + 1 :]
            label = labels.get(place[: length + 1], "")
            return f"{kind} {name}{f' ({label})' if label else ''}{_what(field, before, after)}."
    first, *rest = place
    return f"{_words(first).capitalize()}{_what(tuple(rest), before, after)}."


def _what(field: tuple[str, ...], before: Json | UnsetType, after: Json | UnsetType) -> str:
    named = " ".join(map(_words, field))
    if before is UNSET:
        return f": {named} {_value(after)} is new" if named else f" is new: {_value(after)}"
    if after is UNSET:
        return f": {named} is gone, was {_value(before)}" if named else f" is gone, was {_value(before)}"
    return f": {named + ' ' if named else ''}{_value(before)} -> {_value(after)}"


def labels_of(content: Mapping[str, Json]) -> dict[tuple[str, ...], str]:
    """The label of each item of the lists of a rulebook that has one, by the place of the item."""
    found: dict[tuple[str, ...], str] = {}
    for place in _ITEMS:
        items: Json = dict(content)
        for step in place:
            items = items.get(step) if isinstance(items, dict) else None
        for one in items if isinstance(items, list) else ():
            if isinstance(one, dict) and one.get("label"):
                found[*place, str(one.get("id") or one.get("name"))] = str(one["label"])
    return found


def _words(name: str) -> str:
    """`halfLifeDays` as `half life days`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _value(value: Json | UnsetType) -> str:
    match value:
        case bool() | str():
            text = value_in_words(value)
        case float() | int():
            text = f"{value:g}"
        case list() if all(isinstance(one, str) for one in value):
            text = ", ".join(cast("list[str]", value)) or "none"
        case dict():
            named = [
                f"{_words(name)} {_value(one)}" for name, one in value.items() if name not in {"id", "label"}
            ]
            text = f"({'; '.join(named)})"
        case list():
            text = msgspec.json.encode(value).decode()
        case _:
            text = "none"
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 3]}..."
