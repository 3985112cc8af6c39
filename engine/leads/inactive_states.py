"""A cache of states folded under rulebooks that are not active, which no store keeps: the next read need not fold again."""

from __future__ import annotations

from collections import OrderedDict

from domain.events.applied_positions import AppliedPositions
from domain.leads.state import LeadState

__all__ = ["InactiveStates"]

_MAX_STATES = 200
"""States that are kept, of 5 kB each as a rule: the last ones that were read."""


class InactiveStates:
    """The last states that were read, by lead and label of the rulebook, each with the positions that its lead had applied.

    A position is of one event for ever, and every change of a lead is an event: at the same positions the same fold gives
    the same state.
    """

    def __init__(self) -> None:
        self._states: OrderedDict[tuple[str, str], tuple[AppliedPositions, LeadState]] = OrderedDict()

    def get(self, lead_id: str, label: str, applied: AppliedPositions) -> LeadState | None:
        """The state of the lead when it had applied these positions, if it is known."""
        known = self._states.get((lead_id, label))
        if known is None or known[0] != applied:
            return None
        self._states.move_to_end((lead_id, label))
        return known[1]

    def put(self, state: LeadState, applied: AppliedPositions) -> None:
        """Keep a state; the one that was not read for longest makes room."""
        key = state.lead_id, state.rulebook
        self._states[key] = applied, state
        self._states.move_to_end(key)
        if len(self._states) > _MAX_STATES:
            self._states.popitem(last=False)
