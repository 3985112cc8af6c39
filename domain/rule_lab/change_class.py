"""The class of a change between two rulebooks: how much of the leads has to be computed again to know what it does.

In this order: `words` changes only what people read; `look` what is concluded from the same score and stage; `path` which
stages and automations the same points lead to; `scale` how much events count; `refold` what is remembered of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

__all__ = ["ChangeClass", "class_of", "heaviest"]

ChangeClass = Literal["words", "look", "path", "scale", "refold"]

_ORDER: tuple[ChangeClass, ...] = get_args(ChangeClass)
_ANY = "*"
_CLASSES: tuple[tuple[tuple[str, ...], ChangeClass], ...] = (
    (("name",), "words"),
    (("version",), "words"),
    (("description",), "words"),
    (("score", "groups", _ANY, "label"), "words"),
    (("score", "rules", _ANY, "label"), "words"),
    (("score", "fit", "attributes", _ANY, "label"), "words"),
    (("nextAction", _ANY, "because"), "words"),
    (("automations", _ANY, "action", "title"), "words"),
    (("nextAction",), "look"),
    (("score", "grades"), "look"),
    (("accounts",), "look"),
    (("goals",), "look"),
    (("decayMinDelta",), "look"),
    (("score", "groups", _ANY, "cap"), "path"),
    (("score", "rules", _ANY, "cap"), "path"),
    (("score", "fit", "weight"), "path"),
    (("stages",), "path"),
    (("automations",), "path"),
    (("timezone",), "path"),
    (("risk", "mediumFrom"), "path"),
    (("risk", "highFrom"), "path"),
    (("risk", "mediumAfterDays"), "path"),
    (("risk", "highAfterDays"), "path"),
    (("score", "rules", _ANY, "points"), "scale"),
)
"""The first pattern that a place begins with decides. Whatever is not listed is folded again: that is never wrong."""


def class_of(place: tuple[str, ...]) -> ChangeClass:
    """The class of a change at this place of the document, with ids in the place of numbers."""
    for pattern, found in _CLASSES:
        if len(pattern) <= len(place) and all(
            wanted in {_ANY, name} for wanted, name in zip(pattern, place, strict=False)
        ):
            return found
    return "refold"


def heaviest(classes: Iterable[ChangeClass]) -> ChangeClass:
    """The class that covers all of them; `words` if there are none."""
    return max(classes, key=_ORDER.index, default="words")
