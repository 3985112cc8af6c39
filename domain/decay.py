"""When the passing of time alone is worth writing down."""

from __future__ import annotations

from domain.instant import Millis, date_bucket
from domain.lead import LeadState, read
from domain.rulebook import Rulebook

__all__ = ["decay_event_id", "is_worth_writing"]


def decay_event_id(lead_id: str, as_of: Millis) -> str:
    """One decay event a lead and UTC day, whoever runs the job and however often."""
    return f"decay:{lead_id}:{date_bucket('day', as_of)}"


def is_worth_writing(state: LeadState, as_of: Millis, rulebook: Rulebook) -> bool:
    """Whether at `as_of` the score has moved enough, or stage, risk or next action differ from the last row."""
    if as_of <= state.clock:
        return False
    last, now = state.reading, read(state, as_of, rulebook)
    return (
        abs(now.score - last.score) >= rulebook.decay_min_delta
        or now.stage != last.stage
        or now.risk != last.risk
        or now.next_action != last.next_action
    )
