"""False alarms of `surge`, and the rises that it detects, on simulated leads whose truth is known.

A lead's first visit is its birth; further visits are a Poisson process with a rate of its own that never changes,
so that every alarm is a false one. Then its rate is multiplied, and the alarm is awaited for two days. A visit is
one event: with more events a visit a count of events alarms still more often.

With `strays`, that share of the visits brings an event besides that is said to be long before: half of them at the epoch
of a device without a clock, half between 60 and 1,000 days before the lead's birth, as old records are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial, reduce
from typing import cast

import numpy as np
from msgspec import Struct

from domain.events.event import Event
from domain.instant import DAY, Millis
from domain.rulebooks.compiled import CompiledRulebook, VelocityState
from domain.rulebooks.models import VelocityModel
from domain.velocity.reading import VelocityReading
from domain.velocity.window import WindowVelocity

__all__ = ["BANDS", "RISES", "Detector", "Tally", "detectors", "measure", "strays_of", "visits_of"]

BANDS = (0.1, 0.3, 1.0, 3.0)
"""Visits per day."""
RISES = (4, 8)
DAYS = 60
WEEK = 7
WATCHED_DAYS = 2
START: Millis = 20_000 * DAY


class Detector(Struct, frozen=True):
    """A detector of leads that are busier than usual."""

    name: str
    velocity: VelocityModel[VelocityState]
    alarms: Callable[[VelocityReading], bool]


class Tally(Struct):
    """The alarms of one detector for the leads of one band: counts, and shares of them from 0 to 1."""

    looks: int = 0
    alarms_at_looks: int = 0
    young_looks: int = 0
    alarms_at_young_looks: int = 0
    visits: int = 0
    alarms_at_visits: int = 0
    leads: int = 0
    caught: dict[tuple[int, int], int] = {}
    """Leads whose rise (times, within days) was caught."""

    @property
    def per_look(self) -> float:
        """False alarms at a look once a day."""
        return self.alarms_at_looks / self.looks

    @property
    def per_young_look(self) -> float:
        """The same for leads in their first week."""
        return self.alarms_at_young_looks / self.young_looks

    @property
    def per_visit(self) -> float:
        """False alarms at the moment of a visit, which is when automations look."""
        return self.alarms_at_visits / self.visits

    def share_caught(self, times: int, days: int) -> float:
        """Real rises that raised an alarm within so many days."""
        return self.caught.get((times, days), 0) / self.leads


def detectors(rulebook: CompiledRulebook) -> tuple[Detector, Detector, Detector]:
    """The rulebook's surge; what came before it, 9 points in 24 hours at 3 per event; and momentum, which is no test."""
    window = cast("VelocityModel[VelocityState]", WindowVelocity(window=DAY, hours=24, points=3))
    return (
        Detector("surge", rulebook.velocity, lambda pace: pace.surge),
        Detector("3 x events", window, lambda pace: pace.velocity >= 9),  # noqa: PLR2004 - see above
        Detector("momentum >= 1", rulebook.velocity, lambda pace: (pace.momentum or 0) >= 1),
    )


def measure(
    them: Sequence[Detector],
    leads: int,
    seed: int,
    *,
    strays: float = 0.0,
    seen: Callable[[], object] = lambda: None,
) -> dict[float, list[Tally]]:
    """For each band the tally of each detector over `leads` leads in all. `seen` is called for each lead."""
    result: dict[float, list[Tally]] = {}
    for band, rate in enumerate(BANDS):
        tallies = result[rate] = [Tally() for _ in them]
        for number in range(leads // len(BANDS)):
            rng = np.random.default_rng([seed, band, number])
            visits = visits_of(rate, rng)
            rises = {times: _poisson(rate * times, DAYS, WATCHED_DAYS, rng) for times in RISES}
            long_before = strays_of(visits, strays, rng)
            for detector, tally in zip(them, tallies, strict=True):
                _follow(detector, visits, rises, tally, long_before)
            seen()
    return result


def visits_of(rate: float, rng: np.random.Generator) -> list[Millis]:
    """The visits of a lead born some time on the first day, ascending."""
    birth = float(rng.random())
    return [_at(birth), *_poisson(rate, birth, DAYS - birth, rng)]


def strays_of(visits: Sequence[Millis], share: float, rng: np.random.Generator) -> dict[Millis, Millis]:
    """The events that come with so large a share of the visits and are said to be long before, by visit."""
    if not share:
        return {}
    return {at: _long_before(rng) for at in visits if rng.random() < share}


def _long_before(rng: np.random.Generator) -> Millis:
    if rng.random() < 0.5:  # noqa: PLR2004 - one kind as often as the other
        return round(float(rng.random()) * DAY)  # within the first day of 1970
    return START - round((60 + float(rng.random()) * 940) * DAY)


def _poisson(rate: float, begin: float, days: float, rng: np.random.Generator) -> list[Millis]:
    return [_at(moment) for moment in np.sort(begin + rng.random(rng.poisson(rate * days)) * days)]


def _at(days: float) -> Millis:
    return START + round(days * DAY)


def _follow(
    detector: Detector,
    visits: Sequence[Millis],
    rises: dict[int, list[Millis]],
    tally: Tally,
    long_before: Mapping[Millis, Millis],
) -> None:
    state: VelocityState = detector.velocity.initial()
    known: list[Millis] = []
    for at, is_visit in _looks_and(visits):
        if is_visit:
            known.append(at)
            state = _visited(detector, state, at)
        if is_visit and at in long_before:
            known = sorted([*known, long_before[at]])
            state = reduce(partial(_visited, detector), known, detector.velocity.initial())
        alarm = detector.alarms(detector.velocity.measure(state, at))
        if is_visit:
            tally.visits += 1
            tally.alarms_at_visits += alarm
            continue
        tally.looks += 1
        tally.alarms_at_looks += alarm
        if at - visits[0] < WEEK * DAY:
            tally.young_looks += 1
            tally.alarms_at_young_looks += alarm
    tally.leads += 1
    for times, busy in rises.items():
        after = _days_until_alarm(detector, state, busy)
        for days in range(1, WATCHED_DAYS + 1):
            caught = after is not None and after <= days
            tally.caught[times, days] = tally.caught.get((times, days), 0) + caught


def _looks_and(visits: Iterable[Millis]) -> Iterator[tuple[Millis, bool]]:
    """The visits (True) and an assessment (False) at the end of each day, in order."""
    yield from sorted([(at, True) for at in visits] + [(_at(day), False) for day in range(1, DAYS + 1)])


def _visited(detector: Detector, state: VelocityState, at: Millis) -> VelocityState:
    event = Event(position=1, event_id="e", lead_id="lead", type="page_view", occurred_at=at, received_at=at)
    return detector.velocity.evolve(state, event)


def _days_until_alarm(detector: Detector, state: VelocityState, busy: Iterable[Millis]) -> float | None:
    """How long after the rise a visit raises the alarm, if one does."""
    for at in busy:
        state = _visited(detector, state, at)
        if detector.alarms(detector.velocity.measure(state, at)):
            return (at - _at(DAYS)) / DAY
    return None
