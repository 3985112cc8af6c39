"""The actions of automations: one class per kind of action, each behind the same small protocol."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from domain.events.event import Json
from domain.instant import Millis
from engine.automations.execution import Execution

__all__ = ["Action", "Actions", "Effect"]


class Effect(Struct, frozen=True):
    """The effect of an action, as the event that is appended to the lead's stream."""

    event_type: str
    properties: dict[str, Json]


class Action(Protocol):
    """Does one thing for a lead.

    After a crash it may be performed again, always with the same `execution.unit_id`, and must then have its effect
    only once. Whatever it raises is a failed attempt.
    """

    async def perform(self, execution: Execution, at: Millis) -> Effect: ...


Actions = Mapping[str, Action]
"""Actions by the `type` that rulebooks call them."""
