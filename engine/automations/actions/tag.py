"""Puts a tag on the lead. The event is the whole effect: folding it adds the tag."""

from __future__ import annotations

from domain.automations.actions import TagAction
from domain.events.vocabulary import TAG_ADDED
from domain.instant import Millis
from engine.automations.actions import Outcome
from engine.automations.execution_store import Execution

__all__ = ["AddTag"]


class AddTag:
    """Says which tag the lead has from now on."""

    async def perform(self, execution: Execution, at: Millis) -> Outcome:  # noqa: ARG002 - the protocol's
        return Outcome(TAG_ADDED, {"tag": TagAction.model_validate(execution.action).tag})
