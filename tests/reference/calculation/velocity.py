"""Velocity by a window, or by the lead's own rhythm of sessions with momentum and surge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, fsum, log, log2
from typing import Any

from scipy.special import betainc

from tests.reference.calculation.facts import DAY, HOUR, MINUTE, Fact

MOST_DOUBLINGS = 10.0
"""Momentum lies within this on both sides; the documents give no bound, so it is the engine's (D9)."""


@dataclass(frozen=True)
class Velocity:
    """Velocity in the rulebook's unit, momentum in doublings of the usual pace (None where it is not measured)."""

    value: float
    momentum: float | None = None
    surge: bool = False


def velocity(section: Mapping[str, Any], active: Sequence[Fact], at: int) -> Velocity:
    if section["model"] == "window":
        length = section.get("hours", 24) * HOUR
        return Velocity(section.get("points", 3) * sum(at - length < fact.at <= at for fact in active))
    return _rhythm(section, [fact.at for fact in active], at)


def _rhythm(section: Mapping[str, Any], moments: Sequence[int], at: int) -> Velocity:
    pause = section.get("sessionMinutes", 30) * MINUTE
    began = sessions(moments, pause)
    if not began:
        return Velocity(0.0, 0.0)
    observed = _observed(moments, began, section.get("slowDays", 30) * DAY)
    fast_days, slow_days = section.get("fastDays", 1), section.get("slowDays", 30)
    age = max((at - observed[0]) / DAY, section.get("youngestDays", 1))
    fast, slow = (_decayed(began, days, at) for days in (fast_days, slow_days))
    fast_time, slow_time = (_weighed_time(age, days) for days in (fast_days, slow_days))
    prior, prior_days = section.get("priorSessions", 0.5), section.get("priorDays", 1)

    pace = fast / fast_time
    usual_time = prior_days + 2 * (slow_time - fast_time)
    usual = (prior + 2 * (slow - fast)) / usual_time
    momentum = log2(pace / usual) if pace > 0 else -MOST_DOUBLINGS
    momentum = min(max(momentum, -MOST_DOUBLINGS), 0.0 if len(observed) == 1 else MOST_DOUBLINGS)

    others = _decayed(began[:-1], fast_days, at)
    share = 2 * fast_time / (usual_time + 2 * fast_time)
    p = float(betainc(2 * others, prior + 2 * (slow - fast), share)) if others > 0 else 1.0
    return Velocity(pace, momentum, _is_recent(began, fast_days, at) and p < section.get("surgeP", 0.02))


def _is_recent(began: Sequence[int], fast_days: float, at: int) -> bool:
    """Whether there are two sessions, and the one before the latest began within two half-lives of the fast average.

    ADR 10 leaves out the latest session of what is recent; the engine's bound in time stands in no document.
    """
    return len(began) >= 2 and at - began[-2] <= 2 * fast_days * DAY


def _observed(moments: Sequence[int], began: Sequence[int], long_silence: float) -> list[int]:
    """The sessions since when the lead is observed: without few ones before a long silence, which are stray."""
    history: list[int] = []
    recent: list[int] = []
    for one in began:
        before = max((moment for moment in moments if moment < one), default=None)
        if before is not None and one - before > long_silence:
            history, recent = [*(history if _is_history(history, recent) else []), *recent], []
        recent.append(one)
    return [*(history if _is_history(history, recent) else []), *recent]


def _is_history(history: Sequence[int], recent: Sequence[int]) -> bool:
    return len(history) >= 3 and len(history) >= (len(history) + len(recent)) / 20


def sessions(moments: Sequence[int], longest_pause: float) -> list[int]:
    """When each session began: an event that is further than the pause from the one before begins another."""
    ordered = sorted(moments)
    return [
        at
        for before, at in zip([None, *ordered], ordered, strict=False)
        if before is None or at - before > longest_pause
    ]


def _decayed(began: Sequence[int], half_life_days: float, at: int) -> float:
    return fsum(2.0 ** (-(at - one) / DAY / half_life_days) for one in began)


def _weighed_time(age_days: float, half_life_days: float) -> float:
    rate = log(2) / half_life_days
    return (1 - exp(-rate * age_days)) / rate
