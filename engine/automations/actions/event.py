"""The `event` action: appends an event of our own to the lead's stream. That event is the whole effect."""

from __future__ import annotations

from domain.automations.actions import EventAction
from domain.instant import Millis
from engine.automations.actions import Effect
from engine.automations.execution import Execution

__all__ = ["AppendEvent"]


class AppendEvent:
    """Appends the named event, with the facts about the lead at the moment the automation fired."""

    async def perform(self, execution: Execution, at: Millis) -> Effect:  # noqa: ARG002 - the protocol's
        return Effect(EventAction.model_validate(execution.action).event, dict(execution.facts))
