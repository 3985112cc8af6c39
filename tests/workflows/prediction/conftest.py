"""Two years of leads, from which a model is learnt."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from domain.instant import from_datetime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads

LEADS = 500
NOW = datetime(2026, 11, 2, tzinfo=UTC)
_DAYS = 700


class Stopped(Exception):
    """The process ends."""


def stop(_leads, _landmarks):
    raise Stopped


@pytest.fixture
def runtime(runtime):
    """A runtime whose clock stands still: the landmarks of a lead are chosen by their moments."""
    return dataclasses.replace(runtime, now=lambda: from_datetime(NOW))


async def store_history(runtime, until, *, leads=LEADS):
    """Two years of leads; those who ask for a demo are won more often. Stores and folds their events."""
    random, start = Random(7), until - timedelta(days=_DAYS)
    events = []
    for number in range(leads):
        lead, began = f"lead-{number:04d}", start + timedelta(days=random.random() * (_DAYS - 20))
        asks = random.random() < 0.4
        at = [began + timedelta(days=n * 4 * random.random()) for n in range(random.randint(2, 5))]
        events += [EventInput(lead_id=lead, type="page_view", occurred_at=one) for one in at]
        if asks:
            at.append(began + timedelta(days=3))
            events.append(EventInput(lead_id=lead, type="demo_request", occurred_at=at[-1]))
        if random.random() < (0.75 if asks else 0.08):
            won = max(at) + timedelta(days=10 + 60 * random.random())
            if won < until:
                events.append(EventInput(lead_id=lead, type="deal.won", occurred_at=won))
    for first in range(0, len(events), 1000):
        await ingest(runtime, events[first : first + 1000])
    await process_leads(runtime, [f"lead-{number:04d}" for number in range(leads)])


@pytest.fixture
def history(runtime):
    """Store such a history that ends when the clock stands still."""

    async def history(*, leads=LEADS):
        await store_history(runtime, NOW, leads=leads)

    return history
