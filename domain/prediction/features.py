"""Features of prediction: pure functions of a folded lead and a moment, each with words.

Refused are rules over what we did ourselves and over events that decide the outcome: sales works on the leads that it likes,
and a decision foretells itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from domain.instant import DAY, Millis
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook
from domain.scoring.half_life import HalfLifeState

__all__ = ["FEATURES", "SCORE", "FeatureValue", "Features", "feature_words", "features_of"]

FEATURES = "features@1"
"""The version of this list: a model reads the features that it was trained on."""

FeatureValue: TypeAlias = float | str
Features: TypeAlias = Mapping[str, FeatureValue]
"""By name; what is not known, or has never happened, is missing."""

SCORE = "score"
_DAYS_SINCE = "daysSince."
_TIMES = "times."
_ATTRIBUTE = "attribute."
_WEEKDAYS = ("Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday")
"""From 1970-01-01 on."""
_WORDS = {
    SCORE: "a score of {value:.0f} points",
    "quietDays": "quiet for {value:.0f} days",
    "ageDays": "known for {value:.0f} days",
    "activities": "{value:.0f} activities",
    "velocity": "a pace of {value:.1f} sessions per week",
    "momentum": "{value:+.1f} doublings of its usual pace",
    "goneCold": "gone cold with {value:.0%} probability",
    "openConversation": "waits for our answer",
    "weekday": "last active on {value}",
}


def features_of(
    state: LeadState, at: Millis, rulebook: CompiledRulebook, refused: frozenset[str]
) -> dict[str, FeatureValue]:
    """The features of a lead at `at`, which must not be before its clock. `refused` are ids of rules."""
    found: dict[str, FeatureValue] = {
        SCORE: rulebook.score.total(state.score, at).score,
        "activities": float(state.activities),
        "openConversation": float(state.contact.open_conversation),
    }
    if state.first_activity_at is not None and state.last_activity_at is not None:
        found["ageDays"] = _days(state.first_activity_at, at)
        found["quietDays"] = _days(state.last_activity_at, at)
        found["weekday"] = _WEEKDAYS[state.last_activity_at // DAY % 7]
    velocity = rulebook.velocity.measure(state.velocity, at)
    found["velocity"] = velocity.velocity
    if velocity.momentum is not None:
        found["momentum"] = velocity.momentum
    if (cold := rulebook.risk.estimate(state.risk, at).probability) is not None:
        found["goneCold"] = cold
    for rule_id, register in state.score.registers.items():
        if rule_id not in refused:
            passed = at - register.last_event_at
            found[_DAYS_SINCE + rule_id] = passed / DAY if passed > 0 else 0.0
            found[_TIMES + rule_id] = float(register.count)
    if isinstance(state.score, HalfLifeState):
        for name, attribute in state.score.known.items():
            if attribute.value is not None:
                found[_ATTRIBUTE + name] = _level(attribute.value)
    return found


def _days(since: Millis, at: Millis) -> float:
    return max(at - since, 0) / DAY


def _level(value: object) -> FeatureValue:
    """A number stays one; all else is a level."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, tuple):
        return ", ".join(str(one) for one in value)
    return str(value)


def feature_words(name: str, value: FeatureValue | None, labels: Mapping[str, str]) -> str:
    """What a feature of a lead says, in words. `labels` are those of scoring rules and attributes, by id."""
    kind, _, of = name.rpartition(".")
    label = labels.get(of, of)
    if kind + "." == _DAYS_SINCE:
        return f"never: {label}" if value is None else f"{label}, {_ago(float(value))}"
    if kind + "." == _TIMES:
        return f"never: {label}" if value is None else f"{label}, {float(value):.0f} times"
    if kind + "." == _ATTRIBUTE:
        return f"{label} not known" if value is None else f"{label}: {value}"
    if value is None:
        return f"{name} not known"
    return _WORDS[name].format(value=value)


def _ago(days: float) -> str:
    if days < 1:
        return "within the last day"
    return f"{days:.0f} day{'' if round(days) == 1 else 's'} ago"
