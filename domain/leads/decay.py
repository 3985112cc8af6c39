"""When the passing of time alone is worth writing down."""

from __future__ import annotations

from domain.instant import DAY, Millis, date_bucket
from domain.leads.assess import assess, stage_at
from domain.leads.stage_forecast import forecast_drop
from domain.leads.state import LeadState
from domain.rulebooks.rulebook import Rulebook

__all__ = ["decay_event_id", "is_worth_recording"]


def decay_event_id(lead_id: str, as_of: Millis) -> str:
    """One decay event a lead and UTC day, whoever runs the job and however often."""
    return f"decay:{lead_id}:{date_bucket('day', as_of)}"


def is_worth_recording(state: LeadState, as_of: Millis, rulebook: Rulebook) -> bool:
    """Whether time has changed since the last row what somebody may want to know.

    That is so when the score has moved enough, when stage, risk or next action differ, or when an automation asks
    for a silence or a coming drop that has been reached.
    """
    if as_of <= state.clock:
        return False
    last, calls = state.assessment, rulebook.calls
    score = calls.total(state.score, as_of).score
    if abs(score - last.score) >= rulebook.decay_min_delta:
        return True  # most that move do so by score, and that is quickly told
    stage = stage_at(state, score, as_of, calls)
    return (
        stage != last.stage
        or calls.read_risk(state.risk, as_of).band != last.risk
        or (
            rulebook.decisions.depends_on_measures(stage)
            and assess(state, as_of, rulebook).next_action != last.next_action
        )
        or (bool(rulebook.silences) and _reaches_a_silence(state, as_of, rulebook))
        or (bool(rulebook.drop_warnings) and _nears_a_drop(state, as_of, rulebook))
    )


def _reaches_a_silence(state: LeadState, as_of: Millis, rulebook: Rulebook) -> bool:
    """Whether the lead has been quiet for as long as an automation asks, and that is not written down yet."""
    last = state.last_activity_at
    return last is not None and any(
        state.decay_written_at < last + round(days * DAY) <= as_of for days in rulebook.silences
    )


def _nears_a_drop(state: LeadState, as_of: Millis, rulebook: Rulebook) -> bool:
    """Whether a drop is as near as an automation asks, and that has not been written down since the last activity."""
    if state.last_activity_at is None:
        return False
    drop = forecast_drop(state, as_of, rulebook)
    if drop is None:
        return False
    written = state.decay_written_at
    return any(
        drop.at - round(days * DAY) <= as_of
        and (written <= state.last_activity_at or written < drop.at - round(days * DAY))
        for days in rulebook.drop_warnings
    )
