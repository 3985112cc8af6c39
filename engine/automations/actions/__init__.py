"""What automations can do, each behind the same small protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from domain.events.event import Json
from domain.instant import Millis
from engine.automations.execution_store import Execution

__all__ = ["Action", "Actions", "Outcome"]


class Outcome(Struct, frozen=True):
    """What an action did, as the event that goes back into the lead's stream."""

    event_type: str
    properties: dict[str, Json]


class Action(Protocol):
    """Does one thing for a lead.

    It may be performed again after a crash, always with the same `execution_id`, and must then have its effect
    only once. Any exception counts as a failed attempt.
    """

    async def perform(self, execution: Execution, at: Millis) -> Outcome: ...


Actions = Mapping[str, Action]
"""Actions by the `type` that rulebooks call them."""
