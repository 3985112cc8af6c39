"""The timeline of a lead: the score change of its last events, as of any moment and under any rulebook."""

from __future__ import annotations

from domain.errors import NotFound
from domain.events.applied_positions import AppliedPositions
from domain.instant import Millis
from domain.leads.fold import fold
from domain.leads.history_row import HistoryRow
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook
from engine.runtime import Runtime

__all__ = ["read_timeline"]


async def read_timeline(
    runtime: Runtime,
    lead_id: str,
    *,
    until: Millis,
    up_to: AppliedPositions,
    limit: int,
    rulebook: CompiledRulebook | None = None,
) -> list[HistoryRow]:
    """The history rows of events that had occurred by `until`, in `up_to`: at most `limit`, newest first.

    Silent rows, which neither scored nor moved the lead, are left out. Raises `NotFound` for a lead without any such event.
    """
    rules = rulebook or runtime.rulebook
    events = await runtime.capture.events.of_lead(lead_id, until=until, up_to=up_to)
    if not events:
        raise NotFound("lead", lead_id)
    rows = fold(initial_state(lead_id, rules), events, rules).rows
    return [row for row in reversed(rows) if not row.silent][:limit]
