"""What is sent: simulated weeks of leads, as requests that are encoded before any clock starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from scripts.bench.http_connection import post
from scripts.bench.load import MARK
from scripts.simulated_week import simulate_week
from workflows.event_input import EventInput

__all__ = ["requests_of", "sent_week"]

SEED = 7
_PASS = MARK.decode()


def sent_week(leads: int, events: int, *, fresh_leads: bool = True) -> list[EventInput]:
    """The first `events` of a simulated week of `leads` leads that ends now, oldest first.

    The ids differ from pass to pass; with `fresh_leads` those of the leads too, so that each pass is their first week.
    """
    week: list[EventInput] = []
    seed = SEED
    while len(week) < events:
        week += simulate_week(leads, seed, datetime.now(UTC))
        seed += 1
    return [
        replace(
            event,
            event_id=f"{_PASS}:{number}",
            lead_id=f"{_PASS if fresh_leads else 'lead'}-{event.lead_id}",
        )
        for number, event in enumerate(week[:events])
    ]


def requests_of(events: Sequence[EventInput], per_request: int) -> list[bytes]:
    """POST requests of so many events each."""
    encode = msgspec.json.encode
    if per_request == 1:
        return [post("/api/events", encode(event)) for event in events]
    return [
        post("/api/events", encode(events[start : start + per_request]))
        for start in range(0, len(events), per_request)
    ]
