"""The score of a lead on each of its last days."""

from __future__ import annotations

from domain.errors import NotFound
from domain.events.applied_positions import AppliedPositions
from domain.instant import DAY, Millis
from domain.leads.score_history import score_history
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime

__all__ = ["read_score_history"]


async def read_score_history(
    runtime: Runtime,
    lead_id: str,
    until: Millis,
    days: int,
    *,
    up_to: AppliedPositions | None = None,
    rulebook: CompiledRulebook | None = None,
) -> list[tuple[Millis, float]]:
    """The score at `until` and at the same time of the `days` - 1 days before, oldest first.

    Only events in `up_to` count, if it is given. Raises `NotFound` for a lead without any event by
    `until`.
    """
    events = await runtime.capture.events.of_lead(lead_id, until=until, up_to=up_to)
    if not events:
        raise NotFound("lead", lead_id)
    moments = [until - back * DAY for back in reversed(range(days))]
    return score_history(lead_id, events, moments, rulebook or runtime.rulebook)
