"""One lead over sixty days, by the rulebook `standard`: its events and its score."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from domain.events.event import Event, Json
from domain.instant import DAY, HOUR, Millis
from domain.leads.assess import assess
from domain.leads.fold import evolve
from domain.leads.state import initial_state
from domain.rulebooks.compiled import CompiledRulebook

__all__ = ["DAYS", "Point", "story", "watch"]

DAYS = 60
START: Millis = 20_000 * DAY
EVERY: Millis = 3 * HOUR


class Point(Struct, frozen=True):
    """The lead at one moment, `day` days after it was first seen."""

    day: float
    score: float
    uncapped: float
    """The score without the caps of rules and groups."""
    stage: str


def story() -> Iterator[Event]:
    """Interest that warms up, a burst of reading that caps hold back, a request for a demo, one more visit, silence."""
    happened: list[tuple[float, str, dict[str, Json]]] = [
        (0, "page_view", {}),
        (0.01, "download", {"asset": "guide"}),
        (3, "email_open", {}),
        (3.01, "email_clicked", {}),
        (3.02, "page_view", {"path": "/pricing"}),
        (10, "download", {"asset": "paper"}),
        (18, "demo_request", {}),
        (30, "email_open", {}),
        (30.01, "page_view", {"path": "/pricing"}),
    ]
    happened += [(9 + visit / 9, "page_view", {}) for visit in range(27)]
    happened += [(9 + visit / 2, "page_view", {"path": "/pricing"}) for visit in range(6)]
    for position, (day, kind, properties) in enumerate(sorted(happened, key=lambda one: one[0]), 1):
        at = START + round(day * DAY)
        yield Event(
            position=position,
            event_id=f"e{position}",
            lead_id="ada",
            type=kind,
            occurred_at=at,
            received_at=at,
            properties=properties,
        )


def watch(rulebook: CompiledRulebook) -> list[Point]:
    """The lead at every third hour of the sixty days."""
    state, events = initial_state("ada", rulebook), list(story())
    points, at = [], START
    while at <= START + DAYS * DAY:
        while events and events[0].occurred_at <= at:
            state, _ = evolve(state, events.pop(0), rulebook)
        assessment = assess(state, at, rulebook)
        parts = rulebook.score.explain(state.score, at)
        limits = sum(part.clamped + (part.points if part.rule_id.startswith("cap-") else 0) for part in parts)
        points.append(
            Point((at - START) / DAY, assessment.score, assessment.score - limits, assessment.stage)
        )
        at += EVERY
    return points
