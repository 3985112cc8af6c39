"""The existence check of a lead, before anything about a person is exported, erased or unblocked."""

from __future__ import annotations

from domain.errors import NotFound
from engine.runtime import Runtime

__all__ = ["require_lead"]


async def require_lead(runtime: Runtime, lead_id: str) -> int:
    """The position of the lead's newest event. Raises `NotFound`."""
    position = await runtime.capture.events.last_of_lead(lead_id)
    if not position:
        raise NotFound("lead", lead_id)
    return position
