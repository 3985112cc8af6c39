"""A believable week of leads, made up from a seed. Pure: no clock, no network; for the demo, tests and benchmarks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random

from msgspec import Struct

from workflows.capture.event_input import EventInput

__all__ = ["PERSONAS", "Persona", "persona_of", "simulate_lead", "simulate_week"]

SOURCE = "demo"
WEEK = timedelta(days=7)
PAGES = ("/", "/features", "/blog/lead-scoring", "/integrations", "/customers", "/docs", "/pricing")
DETAILS = {
    "email_open": ("campaign", ("welcome", "newsletter", "case-study", "webinar")),
    "download": ("file", ("buyers-guide.pdf", "architecture.pdf", "roi-calculator.xlsx")),
    "signup": ("plan", ("trial", "free")),
    "demo_request": ("seats", ("1-10", "11-50", "51-200", "200+")),
}
"""The subjects of events besides page views."""


class Persona(Struct, frozen=True):
    """A way to behave. `share` of all leads; visits begin within the part `days` (first, last) of the seven days.

    `steps` happen or not by their probability, in their order, one at the end of each of the last visits.
    """

    name: str
    share: float
    visits: tuple[int, int]
    days: tuple[float, float]
    pages: tuple[int, int]
    mail: float
    steps: tuple[tuple[str, float], ...] = ()


PERSONAS = (
    Persona("bouncer", 0.42, visits=(1, 1), days=(0, 7), pages=(1, 2), mail=0.0),
    Persona("reader", 0.28, visits=(2, 4), days=(0, 7), pages=(1, 5), mail=0.5, steps=(("download", 0.15),)),
    Persona(
        "evaluator",
        0.14,
        visits=(2, 5),
        days=(1, 7),
        pages=(2, 6),
        mail=0.7,
        steps=(("download", 0.8), ("signup", 0.5), ("download", 0.3)),
    ),
    Persona(
        "buyer",
        0.06,
        visits=(3, 6),
        days=(2, 7),
        pages=(2, 6),
        mail=0.8,
        steps=(("download", 0.9), ("signup", 0.8), ("demo_request", 1.0)),
    ),
    Persona(
        "quiet",
        0.10,
        visits=(2, 5),
        days=(0, 3),
        pages=(2, 6),
        mail=0.5,
        steps=(("download", 0.8), ("signup", 0.6), ("demo_request", 0.2)),
    ),
)

HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 22, 34, 38, 34, 24, 28, 36, 38, 32, 22, 14, 12, 14, 12, 7, 3)
"""How busy each hour of a working day is, UTC."""
WEEKEND = 0.25
"""The share of it that is left on Saturday and Sunday."""


def simulate_week(leads: int, seed: int, until: datetime) -> list[EventInput]:
    """The events of `leads` leads in the seven days that end at `until`, oldest first.

    The same arguments make the same events. Event ids name seed and `until` (to the second): the same week again is a
    repeat, another `until` is another week of the same leads.
    """
    events = [event for number in range(1, leads + 1) for event in simulate_lead(number, seed, until)]
    return sorted(events, key=lambda event: (event.occurred_at, event.event_id))


def persona_of(number: int, seed: int) -> Persona:
    """How a lead behaves: the same in every week of a seed."""
    roll = Random(f"{seed}:{number}").random()
    for persona in PERSONAS:
        roll -= persona.share
        if roll < 0:
            return persona
    return PERSONAS[0]


def simulate_lead(number: int, seed: int, until: datetime) -> list[EventInput]:
    """The week of one lead, oldest first. Depends on no other lead."""
    until = until.astimezone(UTC).replace(microsecond=0)
    run = f"{seed}:{until:%Y%m%dT%H%M%SZ}"
    random = Random(f"{run}:{number}")
    happened = sorted(_week(persona_of(number, seed), until, random), key=lambda fact: fact[0])
    return [
        EventInput(
            lead_id=f"demo-{number:03}",
            type=kind,
            event_id=f"demo:{run}:{number:03}:{index}",
            occurred_at=at,
            properties=_details(kind, random),
            source=SOURCE,
        )
        for index, (at, kind) in enumerate(happened, 1)
        if at <= until
    ]


def _week(persona: Persona, until: datetime, random: Random) -> Iterator[tuple[datetime, str]]:
    """The events of a lead, in no order; the last visit may run beyond `until`."""
    first, last = (until - WEEK + timedelta(days=day) for day in persona.days)
    visits = sorted(_busy_moment(first, last, random) for _ in range(random.randint(*persona.visits)))
    steps = [kind for kind, probability in persona.steps if random.random() < probability]
    for left, start in zip(range(len(visits), 0, -1), visits, strict=True):
        at = start
        if random.random() < persona.mail:
            yield at, "email_open"
            at += timedelta(seconds=random.randint(20, 90))
        due = steps[-left] if left <= len(steps) else None
        yield from _visit(at, random.randint(*persona.pages), due, random)


def _visit(at: datetime, pages: int, step: str | None, random: Random) -> Iterator[tuple[datetime, str]]:
    """A burst of page views, some seconds to minutes apart, and at its end perhaps a step."""
    for _ in range(pages):
        yield at, "page_view"
        at += timedelta(seconds=round(5 + random.expovariate(1 / 50)))
    if step:
        yield at, step


def _busy_moment(first: datetime, last: datetime, random: Random) -> datetime:
    """A moment between the two, likelier in working hours."""
    busiest = max(HOURS)
    while True:
        at = first + (last - first) * random.random()
        weight = HOURS[at.hour] * (WEEKEND if at.weekday() >= 5 else 1)  # noqa: PLR2004 - Saturday
        if random.random() * busiest < weight:
            return at.replace(microsecond=0)


def _details(kind: str, random: Random) -> dict[str, str]:
    name, values = DETAILS.get(kind, ("page", PAGES))
    return {name: random.choice(values)}
