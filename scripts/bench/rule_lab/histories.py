"""Leads with long histories, which a rulebook is tried on, and the rulebook that is tried."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from domain.rulebooks.rulebook import Rulebook
from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.state.fixtures import apply_to
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

__all__ = ["DAYS", "EVENTS", "long_histories", "store_histories", "tried"]

EVENTS = 100
"""Per lead, in visits of four."""
DAYS = (20, 320)
"""The age of a lead."""
_KINDS = (*["page_view"] * 12, *["email_open"] * 4, "download", "signup", "demo_request")
_PAGES = ("/", "/pricing", "/docs")
_POINTS = 1.5


def tried(runtime: Runtime) -> Rulebook:
    """The active rulebook with other points for a page."""
    active = runtime.rulebook.document
    rules = tuple(
        rule.model_copy(update={"points": rule.points * _POINTS}) if rule.id == "page-view" else rule
        for rule in active.score.rules
    )
    score = active.score.model_copy(update={"rules": rules})
    return active.model_copy(update={"name": "tried", "version": 1, "score": score})


def long_histories(leads: int, until: datetime) -> list[EventInput]:
    """The same histories in every run but for their place in time: visits of four events, minutes long, days apart."""
    random, found = Random(7), list[EventInput]()
    for number in range(leads):
        age = timedelta(days=random.uniform(*DAYS))
        for visit in range(EVENTS // 4):
            at = until - timedelta(hours=1) - age * random.random()
            for event in range(4):
                found.append(
                    EventInput(
                        lead_id=f"lead-{number:05d}",
                        type=random.choice(_KINDS),
                        event_id=f"{number}:{visit}:{event}",
                        occurred_at=at,
                        properties={"path": random.choice(_PAGES)},
                    )
                )
                at += timedelta(seconds=random.randint(5, 90))
    return found


async def store_histories(runtime: Runtime, leads: int) -> list[str]:
    """Store and apply such histories, where no worker runs. Returns the ids of the leads."""
    events = long_histories(leads, datetime.now(UTC))
    for start in range(0, len(events), 1_000):
        await ingest(runtime, events[start : start + 1_000])
    ids = sorted({event.lead_id or "" for event in events})
    applied = await apply_to(runtime, ids)
    # A scheduler that runs meanwhile records the passing of time.
    verify(applied >= len(events), f"{applied} of {len(events)} events were applied")
    return ids
