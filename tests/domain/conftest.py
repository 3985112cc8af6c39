"""Builders of events, leads and rulebooks, and a slow reference that follows the specification word by word."""

from __future__ import annotations

from fractions import Fraction
from importlib.resources import files

import pytest
import yaml
from hypothesis import strategies as st

from domain.event import Event
from domain.lead import fold, initial_state
from domain.rulebook import Rulebook

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY  # 2024-10-04T00:00Z, a Friday

CLASSIC_POINTS = {"page_view": 1, "email_open": 3, "download": 10, "signup": 20, "demo_request": 30}
BOOKKEEPING = ("lead.updated", "stage.set", "stage.cleared", "tag.added", "tag.removed")
ENGINE = "lead-engine"

GAPS = (0, 1, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY, 3 * DAY + 1, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1)
LONG_GAPS = (8 * DAY - 1, 8 * DAY, 8 * DAY + 1, 9 * DAY, 9 * DAY + 12 * HOUR)
LATENESS = (-300_000, 0, 0, 0, 1, HOUR, DAY, 3 * DAY, 6 * DAY, 9 * DAY)


@pytest.fixture(scope="session")
def classic_text():
    return (files("domain") / "rulebooks" / "classic.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def rulebook(classic_text):
    """Makes `classic` with some of its sections replaced."""

    def make(**sections):
        return Rulebook.model_validate({**yaml.safe_load(classic_text), **sections})

    return make


@pytest.fixture(scope="session")
def classic(rulebook):
    return rulebook()


@pytest.fixture(scope="session")
def event():
    """Makes one event; it is received when it occurs unless `received_at` says otherwise."""
    return _event


def _event(type="page_view", at=START, *, position=1, received_at=None, lead_id="lead-1", **rest):  # noqa: A002
    return Event(
        position=position,
        event_id=rest.pop("event_id", f"event-{position}"),
        lead_id=lead_id,
        type=type,
        occurred_at=at,
        received_at=at if received_at is None else received_at,
        **rest,
    )


@pytest.fixture(scope="session")
def stream():
    """Makes events at positions 1, 2, 3 ... from (type, at) or (type, at, source)."""

    def make(*facts):
        return [
            _event(type_, at, position=position, source=source[0] if source else "")
            for position, (type_, at, *source) in enumerate(facts, 1)
        ]

    return make


@pytest.fixture(scope="session")
def folded(classic):
    """Folds events of a new lead."""

    def make(events, rules=classic):
        return fold(initial_state("lead-1", rules), events, rules)

    return make


@st.composite
def _streams(draw, *, max_size=25, gaps=GAPS + LONG_GAPS, late=True):
    """Events in the order in which they arrive: activities, unknown types, bookkeeping and the engine's own."""
    known, others = tuple(CLASSIC_POINTS), ("webinar.attended", "score.decayed")
    fact = st.tuples(
        st.sampled_from(known * 2 + others * 3 + BOOKKEEPING),
        st.sampled_from((*gaps, max(gaps))) | st.integers(0, max(gaps)),
        st.sampled_from(LATENESS if late else (0,)),
        st.sampled_from(("web", "web", "crm", "web", "web", ENGINE)),
        st.sampled_from("abc"),
    )
    arrival, events = START, []
    for position, (type_, gap, lateness, sender, tag) in enumerate(
        draw(st.lists(fact, max_size=max_size)), 1
    ):
        arrival += gap
        source = ENGINE if type_ == "score.decayed" else sender
        events.append(
            _event(
                type_,
                arrival if source == ENGINE else arrival - lateness,
                position=position,
                received_at=arrival,
                source=source,
                properties={"tag": tag} if type_.startswith("tag.") else {},
            )
        )
    return events


@pytest.fixture(scope="session")
def streams():
    """A strategy of whole streams; `gaps` and `late` say how they lie in time."""
    return _streams


class Reference:
    """What `classic` means, worked out event by event with exact fractions and no state."""

    @staticmethod
    def activities(events):
        return [event for event in events if event.source != ENGINE and event.type not in BOOKKEEPING]

    @staticmethod
    def share(idle):
        """Idle longer than 7 days: times 0.8, again for each further whole day idle."""
        share, further = Fraction(1), 1
        if idle > 7 * DAY:
            share *= Fraction(4, 5)
            while idle >= (7 + further) * DAY:
                share *= Fraction(4, 5)
                further += 1
        return share

    def score(self, events, as_of):
        """Each activity's points, times the share that every silence after its arrival has left of them."""
        activities = self.activities(events)
        total = Fraction(0)
        for number, activity in enumerate(activities):
            points = Fraction(CLASSIC_POINTS.get(activity.type, 0))
            for later in range(number + 1, len(activities) + 1):
                newest = max(event.occurred_at for event in activities[:later])
                until = activities[later].occurred_at if later < len(activities) else as_of
                points *= self.share(until - newest)
            total += points
        return float(total)

    def stage(self, events, as_of):
        score = self.score(events, as_of)
        return next(
            name
            for name, least in (("qualified", 60), ("hot", 31), ("warm", 11), ("cold", float("-inf")))
            if score >= least - 1e-9
        )

    def velocity(self, events, as_of):
        """Three points for each activity in the last 24 hours."""
        return 3.0 * sum(as_of - 24 * HOUR < event.occurred_at <= as_of for event in self.activities(events))

    def risk(self, events, as_of):
        moments = [event.occurred_at for event in self.activities(events)]
        if not moments or as_of - max(moments) > 7 * DAY:
            return "high"
        return "medium" if as_of - max(moments) > 3 * DAY else "low"


@pytest.fixture(scope="session")
def reference():
    return Reference()
