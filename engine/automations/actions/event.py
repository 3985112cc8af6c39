"""Appends an event of our own to the lead's stream. The event is the whole effect."""

from __future__ import annotations

from domain.automations.actions import EventAction
from domain.instant import Millis
from engine.automations.actions import Outcome
from engine.automations.execution_store import Execution

__all__ = ["AppendEvent"]


class AppendEvent:
    """Says that something has happened, with what the lead was like when the automation fired."""

    async def perform(self, execution: Execution, at: Millis) -> Outcome:  # noqa: ARG002 - the protocol's
        return Outcome(EventAction.model_validate(execution.action).event, dict(execution.facts))
