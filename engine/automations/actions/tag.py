"""The `tag` action: tags the lead by an event, and folding that event adds the tag."""

from __future__ import annotations

from domain.automations.actions import TagAction
from domain.events.vocabulary import TAG_ADDED
from domain.instant import Millis
from engine.automations.actions import Effect
from engine.automations.execution import Execution

__all__ = ["AddTag"]


class AddTag:
    """Appends `tag.added` with the tag."""

    async def perform(self, execution: Execution, at: Millis) -> Effect:  # noqa: ARG002 - the protocol's
        return Effect(TAG_ADDED, {"tag": TagAction.model_validate(execution.action).tag})
