"""A database filled with a simulated week, through the engine's own use cases but without its processes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.workload import week_until
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads

__all__ = ["apply_to", "fill", "store_week"]

_EVENTS = 1_000


async def fill(runtime: Runtime, leads: int, until: datetime | None = None) -> list[str]:
    """Store and apply a week of so many leads, where no worker runs. Returns the leads that have events."""
    week = await store_week(runtime, leads, until)
    ids = sorted({event.lead_id or "" for event in week})
    applied = await apply_to(runtime, ids)
    verify(applied == len(week), f"{applied} of {len(week)} events were applied")
    return ids


async def store_week(runtime: Runtime, leads: int, until: datetime | None = None) -> list[EventInput]:
    """Store a week of so many leads and leave the rest to workers."""
    week = week_until(leads, until or datetime.now(UTC))
    for start in range(0, len(week), _EVENTS):
        results = await ingest(runtime, week[start : start + _EVENTS])
        verify(all(result.status == "accepted" for result in results), "an event was not accepted")
    return week


async def apply_to(runtime: Runtime, lead_ids: Sequence[str]) -> int:
    """Apply the waiting events of these leads, as a worker would. Returns their number."""
    size = runtime.settings.fold_batch_leads
    return sum(
        [
            await process_leads(runtime, lead_ids[start : start + size])
            for start in range(0, len(lead_ids), size)
        ]
    )
