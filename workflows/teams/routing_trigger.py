"""The trigger of routing: which leads want an owner after their new events were folded."""

from __future__ import annotations

from collections.abc import Sequence

from domain.decisions.outcome import OPEN
from domain.events.event import Event
from domain.instant import HOUR
from domain.leads.state import LeadState
from domain.teams.routing import wants_owner
from domain.teams.routing_rules import RoutingRules

__all__ = ["to_be_routed"]


def to_be_routed(
    rules: RoutingRules | None, before: LeadState | None, after: LeadState, events: Sequence[Event]
) -> bool:
    """Whether the lead is to be routed: open, without an owner, in a stage of the rules since these events.

    Like automations, routing takes no notice of events that were old when they arrived (ADR 7).
    """
    if rules is None or after.owner_id is not None or after.assessment.outcome != OPEN:
        return False
    stage_before = None if before is None else before.assessment.stage
    if not wants_owner(rules, stage_before, after.assessment.stage):
        return False
    max_age = rules.max_age_hours * HOUR
    return any(event.received_at - event.occurred_at <= max_age for event in events)
