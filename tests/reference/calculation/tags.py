"""Tags: added and removed by events, in order of time."""

from __future__ import annotations

from collections.abc import Sequence

from tests.reference.calculation.facts import Fact


def tags(facts: Sequence[Fact]) -> frozenset[str]:
    on: dict[str, bool] = {}
    for fact in facts:
        if fact.type in ("tag.added", "tag.removed") and isinstance(fact.properties.get("tag"), str):
            on[fact.properties["tag"]] = fact.type == "tag.added"
    return frozenset(tag for tag, is_on in on.items() if is_on)
