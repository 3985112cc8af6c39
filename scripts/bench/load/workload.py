"""The workload: simulated weeks of leads, as requests that are encoded before any clock starts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec.structs import replace

from scripts.bench.load.http_connection import post
from scripts.bench.load.plan import MARK
from scripts.demo.simulated_week import simulate_week
from workflows.capture.event_input import EventInput

__all__ = ["live", "requests_of", "sent_week", "week_until"]

SEED = 7
_PASS = MARK.decode()
_SIMULATED_UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
"""The events of a simulated week depend on its end; it always ends here, so that runs compare."""


def sent_week(leads: int, events: int, until: datetime | None = None) -> list[EventInput]:
    """The first `events` of simulated weeks of `leads` leads that end at `until`, by default now.

    Each pass is the first week of leads of its own: the number of the pass stands in all ids.
    """
    return [
        replace(event, event_id=f"{_PASS}:{number}", lead_id=f"{_PASS}-{event.lead_id}")
        for number, event in enumerate(_weeks(leads, events, until))
    ]


def live(leads: int, events: int) -> list[EventInput]:
    """Events of the same leads in every pass, each occurring when it is sent."""
    return [
        replace(event, event_id=f"{_PASS}:{number}", occurred_at=None)
        for number, event in enumerate(_weeks(leads, events))
    ]


def week_until(leads: int, until: datetime, seed: int = SEED) -> list[EventInput]:
    """A simulated week that ends at `until`, the same in every run but for its place in time."""
    shift = until - _SIMULATED_UNTIL
    return [
        replace(event, occurred_at=event.occurred_at + shift if event.occurred_at else None)
        for event in simulate_week(leads, seed, _SIMULATED_UNTIL)
    ]


def _weeks(leads: int, events: int, until: datetime | None = None) -> list[EventInput]:
    """So many events of one week after the other, all of them ending at `until`, by default now."""
    weeks: list[EventInput] = []
    seed, now = SEED, until or datetime.now(UTC)
    while len(weeks) < events:
        weeks += week_until(leads, now, seed)
        seed += 1
    return weeks[:events]


def requests_of(events: Sequence[EventInput], per_request: int) -> list[bytes]:
    """POST requests of so many events each."""
    encode = msgspec.json.encode
    if per_request == 1:
        return [post("/api/events", encode(event)) for event in events]
    return [
        post("/api/events", encode(events[start : start + per_request]))
        for start in range(0, len(events), per_request)
    ]
