"""Words that workflow tests speak in."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.instant import to_datetime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
def send(runtime):
    """Send events of a lead: `await send("ada", "signup", "download", hours_ago=3)`; returns the last position."""

    async def send(lead_id: str, *types: str, hours_ago: float = 0, **properties: object) -> int:
        at = to_datetime(runtime.now()) - timedelta(hours=hours_ago)
        events = [
            EventInput(lead_id=lead_id, type=name, occurred_at=at, properties=properties) for name in types
        ]
        return (await ingest(runtime, events))[-1].position

    return send


@pytest.fixture
def apply(runtime):
    """Bring leads up to date: `await apply("ada", "bob")`."""

    async def apply(*lead_ids: str) -> int:
        return await process_leads(runtime, lead_ids)

    return apply


@pytest.fixture
def rows_of(runtime):
    """The history of a lead, oldest first."""

    async def rows_of(lead_id: str):
        return (await runtime.leads.history.of_leads([lead_id])).get(lead_id, [])

    return rows_of
