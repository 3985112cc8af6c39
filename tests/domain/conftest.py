"""Builders of events, leads and rulebooks, and fixtures of the slow references."""

from __future__ import annotations

from importlib.resources import files

import msgspec
import pytest
import yaml
from hypothesis import strategies as st

from domain.events.event import Event
from domain.leads.fold import fold
from domain.leads.late import Start, fold_again, has_late
from domain.leads.state import LeadState, initial_state
from domain.rulebooks.compiled import compile_rulebook
from domain.rulebooks.rulebook import Rulebook
from tests.domain.references import (
    BOOKKEEPING,
    CLASSIC_POINTS,
    DAY,
    ENGINE,
    HOUR,
    HalfLifeReference,
    Reference,
)

START = 20_000 * DAY  # 2024-10-04T00:00Z, a Friday


GAPS = (0, 1, HOUR, DAY - 1, DAY, DAY + 1, 3 * DAY, 3 * DAY + 1, 7 * DAY - 1, 7 * DAY, 7 * DAY + 1)
LONG_GAPS = (8 * DAY - 1, 8 * DAY, 8 * DAY + 1, 9 * DAY, 9 * DAY + 12 * HOUR)
LATENESS = (-300_000, 0, 0, 0, 1, HOUR, DAY, 3 * DAY, 6 * DAY, 9 * DAY)


@pytest.fixture(scope="session")
def classic_text():
    return (files("domain") / "rulebooks" / "builtin" / "classic.yaml").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def rulebook(classic_text):
    """Makes `classic` with some of its sections replaced."""

    def make(**sections):
        return compile_rulebook(Rulebook.model_validate({**yaml.safe_load(classic_text), **sections}))

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


class Worker:
    """Applies what arrives for one lead, batch by batch, as a worker does: late events fold it again."""

    def __init__(self, rules):
        self.rules, self.state, self.known, self.rows, self.firings = rules, None, [], {}, []

    def take(self, batch, replaced=()):
        """Apply a batch; `replaced` are events known before that a retraction in it makes others."""
        state = self.state or initial_state("lead-1", self.rules)
        others = {one.position: one for one in replaced}
        self.known = [others.get(one.position, one) for one in self.known]
        if others or has_late(state, batch):
            start = Start(initial_state("lead-1", self.rules), self.known)
            done = fold_again(state, batch, start, self.rules, others)
            assert done.changed_rows
            assert {row.position for row in done.changed_rows} <= self.rows.keys()
            self.rows |= {row.position: row for row in done.changed_rows}
            new = done.new_rows
        else:
            done = fold(state, batch, self.rules)
            new = done.rows
        assert self.rows.keys().isdisjoint(row.position for row in new)
        self.rows |= {row.position: row for row in new}
        self.firings += done.firings
        self.known = [*self.known, *batch]
        self.state = msgspec.json.decode(msgspec.json.encode(done.state), type=LeadState)
        return self

    @property
    def history(self):
        """The rows in the order in which the events occurred."""
        return tuple(sorted(self.rows.values(), key=lambda row: (row.at, row.position)))


@pytest.fixture(scope="session")
def worker():
    """Makes a worker that folds one lead under some rules."""
    return Worker


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


@pytest.fixture(scope="session")
def reference():
    return Reference()


@pytest.fixture(scope="session")
def standard_sections():
    """The sections of `standard` as written, for references of its own and for variations."""
    return yaml.safe_load(
        (files("domain") / "rulebooks" / "builtin" / "standard.yaml").read_text(encoding="utf-8")
    )


@pytest.fixture(scope="session")
def standard_with(standard_sections):
    """Makes `standard` with some of its sections replaced."""

    def make(**sections):
        return compile_rulebook(Rulebook.model_validate({**standard_sections, **sections}))

    return make


@pytest.fixture(scope="session")
def standard(standard_with):
    return standard_with()


STANDARD_TYPES = (
    *("page_view", "page.viewed", "download", "form_submitted", "chat", "email_open", "email.clicked"),
    *("email_bounced", "unsubscribed", "email.complained", "signup", "product_login", "demo_request"),
    *("email_reply", "phone_call", "meeting_booked", "call_unanswered", "deal.lost", "webinar.attended"),
)
STANDARD_PROPERTIES = {
    "path": ("/", "/pricing", "/PRICING/eu", "/docs", None, 5),
    "asset": ("guide", "report", "price-list", 7, None),
    "companySize": (9, 10, 49, 50, 1000, 5001, None, "many", True),
    "seniority": ("VP", "manager", "intern", None),
    "leadSource": ("Reference", "Google", "elsewhere", None),
    "occupation": ("Working Professional", "student", "", None),
    "doNotEmail": (True, False, None, 1),
    "secondsOnSite": (59, 60, 300, 900.5, None, True),
}
ATTRIBUTES = ("companySize", "seniority", "leadSource", "occupation", "doNotEmail", "secondsOnSite")
STANDARD_GAPS = (0, 1, 10 * 60_000, 30 * 60_000, 30 * 60_000 + 1, HOUR, DAY, 5 * DAY, 14 * DAY, 40 * DAY)


@st.composite
def _standard_streams(draw, *, max_size=20, late=True):
    """Events for `standard` in the order of arrival, no two of them of the same moment."""
    fact = st.tuples(
        st.sampled_from(STANDARD_TYPES * 2 + ("lead.updated",) * 8 + ("stage.set", "stage.cleared") * 2)
        | st.just("score.decayed"),
        st.sampled_from(STANDARD_GAPS) | st.integers(0, 20 * DAY),
        st.sampled_from(LATENESS if late else (0,)),
        st.randoms(use_true_random=False),
    )
    arrival, events, taken = START, [], set()
    for position, (type_, gap, lateness, seed) in enumerate(draw(st.lists(fact, max_size=max_size)), 1):
        arrival += gap
        at = arrival if type_ == "score.decayed" else arrival - max(lateness, 0)
        while at in taken:
            at += 1
        arrival = max(arrival, at)
        taken.add(at)
        events.append(
            _event(
                type_,
                at,
                position=position,
                received_at=arrival,
                source=ENGINE if type_ == "score.decayed" else "crm",
                properties=_properties_for(type_, seed),
            )
        )
    return events


def _properties_for(type_, seed):
    if type_ == "stage.set":
        return {"stage": seed.choice(("cold", "warm", "hot", "qualified", "lost", 5)), "by": "ann"}
    names = seed.sample(ATTRIBUTES, seed.randint(1, 3)) if type_ == "lead.updated" else ("path", "asset")
    return {name: seed.choice(STANDARD_PROPERTIES[name]) for name in names}


@pytest.fixture(scope="session")
def standard_streams():
    """A strategy of whole streams for `standard`."""
    return _standard_streams


@pytest.fixture(scope="session")
def half_life_reference():
    return HalfLifeReference
