"""Risk of having gone cold: by days of silence, or by the MBG/NBD model of dropout."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.reference.calculation.facts import DAY, Fact

EXACTNESS = 1e-12
"""Of a probability: as exact as it can be calculated in one way or another."""


@dataclass(frozen=True)
class Risk:
    """The band, and the probability where the model has one. On a threshold, both bands beside it are right."""

    band: str
    probability: float | None = None
    bands: frozenset[str] = frozenset()


def risk(section: Mapping[str, Any], active: Sequence[Fact], at: int) -> Risk:
    if section["model"] == "silence":
        return Risk(_by_silence(section, active, at))
    probability = gone(section, [fact.at for fact in active], at)
    bands = {_band(section, probability + by) for by in (-EXACTNESS, EXACTNESS)}
    return Risk(_band(section, probability), probability, frozenset(bands))


def _band(section: Mapping[str, Any], probability: float) -> str:
    if probability >= section.get("highFrom", 0.6):
        return "high"
    return "medium" if probability >= section.get("mediumFrom", 0.3) else "low"


def _by_silence(section: Mapping[str, Any], active: Sequence[Fact], at: int) -> str:
    if not active or at - active[-1].at > section.get("highAfterDays", 7) * DAY:
        return "high"
    return "medium" if at - active[-1].at > section.get("mediumAfterDays", 3) * DAY else "low"


def gone(section: Mapping[str, Any], moments: Sequence[int], at: int) -> float:
    """1 - P(alive) of Batislam et al. 2007; active days are those of UTC; first and last are moments, as
    the documents do not say otherwise."""
    if not moments:
        return 1.0
    r, alpha, a, b = (
        section.get(name, default) for name, default in (("r", 1), ("alpha", 7), ("a", 1), ("b", 3))
    )
    first, last = min(moments), max(moments)
    repeats = len({moment // DAY for moment in moments}) - 1
    recency, age = (last - first) / DAY, (at - first) / DAY
    odds = a / (b + repeats) * ((alpha + age) / (alpha + recency)) ** (r + repeats)
    return 1 - 1 / (1 + odds)
