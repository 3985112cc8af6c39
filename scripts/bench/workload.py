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

__all__ = ["live", "requests_of", "sent_week"]

SEED = 7
_PASS = MARK.decode()


def sent_week(leads: int, events: int) -> list[EventInput]:
    """The first `events` of simulated weeks of `leads` leads that end now.

    Each pass is the first week of leads of its own: the number of the pass stands in all ids.
    """
    return [
        replace(event, event_id=f"{_PASS}:{number}", lead_id=f"{_PASS}-{event.lead_id}")
        for number, event in enumerate(_weeks(leads, events))
    ]


def live(leads: int, events: int) -> list[EventInput]:
    """What the same leads do, happening as it is sent; in every pass the leads are the same."""
    return [
        replace(event, event_id=f"{_PASS}:{number}", occurred_at=None)
        for number, event in enumerate(_weeks(leads, events))
    ]


def _weeks(leads: int, events: int) -> list[EventInput]:
    week: list[EventInput] = []
    seed, until = SEED, datetime.now(UTC)
    while len(week) < events:
        week += simulate_week(leads, seed, until)
        seed += 1
    return week[:events]


def requests_of(events: Sequence[EventInput], per_request: int) -> list[bytes]:
    """POST requests of so many events each."""
    encode = msgspec.json.encode
    if per_request == 1:
        return [post("/api/events", encode(event)) for event in events]
    return [
        post("/api/events", encode(events[start : start + per_request]))
        for start in range(0, len(events), per_request)
    ]
