"""The words of a probability: one clause for the summary of a lead."""

from __future__ import annotations

from domain.decisions.goal import Goal
from domain.prediction.model import LeadPrediction, Prediction

__all__ = ["clause", "percent", "sentence", "summary_with"]

_TIMES_100 = 100
_VERBS = {"won": "buy", "lost": "be lost", "disqualified": "be disqualified"}


def clause(goal: Goal, found: Prediction) -> str:
    """`14 % likely to buy within 90 days (9 to 21 %)`."""
    low, high = found.interval
    return (
        f"{percent(found.probability)} likely to {_VERBS[goal.outcome]} within {goal.horizon_days} days "
        f"({round(low * _TIMES_100)} to {percent(high)})"
    )


def sentence(goal: Goal, found: Prediction) -> str:
    """The clause as a sentence of its own."""
    said = clause(goal, found)
    return f"{said[0].upper()}{said[1:]}."


def summary_with(summary: str, found: LeadPrediction | None) -> str:
    """The summary of a lead and, where a model is active, how likely it is to buy."""
    if found is None:
        return summary
    return f"{summary} {sentence(found.model.goal, found.prediction)}"


def percent(share: float) -> str:
    """A share in whole per cent; what is neither none nor all is not rounded to either."""
    number = share * _TIMES_100
    if 0 < number < 1:
        return "less than 1 %"
    if 99 < number < _TIMES_100:  # noqa: PLR2004
        return "more than 99 %"
    return f"{number:.0f} %"
