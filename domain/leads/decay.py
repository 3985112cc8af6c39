"""The decision whether decay alone has changed a lead enough to record it in its history."""

from __future__ import annotations

from domain.instant import Millis, date_bucket
from domain.leads.assess import assess, stage_at
from domain.leads.change import outlook_of
from domain.leads.state import LeadState
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["decay_event_id", "is_worth_recording"]


def decay_event_id(lead_id: str, as_of: Millis) -> str:
    """Idempotency key: at most one decay event per lead and UTC day."""
    return f"decay:{lead_id}:{date_bucket('day', as_of)}"


def is_worth_recording(state: LeadState, as_of: Millis, rulebook: CompiledRulebook) -> bool:
    """True when decay alone has moved the lead enough since its last history row.

    That is when the score has moved by the rulebook's `decayMinDelta` points, when stage, risk or next action differ,
    or when the moment that an automation waits for has come.
    """
    if as_of <= state.clock:
        return False
    last = state.assessment
    score = rulebook.score.total(state.score, as_of).score
    if abs(score - last.score) >= rulebook.decay_min_delta:
        return True  # the cheapest test, and the one that most leads meet
    stage = stage_at(state, score, as_of, rulebook)
    return (
        stage != last.stage
        or rulebook.risk.estimate(state.risk, as_of).band != last.risk
        or (
            rulebook.decisions.depends_on_measures(stage)
            and assess(state, as_of, rulebook).next_action != last.next_action
        )
        or _reaches_a_trigger(state, as_of, rulebook)
    )


def _reaches_a_trigger(state: LeadState, as_of: Millis, rulebook: CompiledRulebook) -> bool:
    """Whether the moment that an automation waits for has come and no decay event has recorded it."""
    triggers = rulebook.automations.time_triggers
    if not triggers:
        return False
    outlook = outlook_of(state, as_of, state.decay_written_at, rulebook)
    return any(trigger.is_unrecorded(outlook, as_of) for trigger in triggers)
