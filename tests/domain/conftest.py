"""Builders of events, leads and rulebooks, and a slow reference that follows the specification word by word."""

from __future__ import annotations

from fractions import Fraction
from importlib.resources import files
from math import fsum, inf

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


class Reference:
    """A reference for `classic`, worked out event by event in the order of time, with exact fractions and no state."""

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
        """Each activity's points, times the share that every silence after it has left of them."""
        activities = sorted(self.activities(events), key=lambda event: event.occurred_at)
        total = Fraction(0)
        for number, activity in enumerate(activities):
            points = Fraction(CLASSIC_POINTS.get(activity.type, 0))
            for later in range(number + 1, len(activities) + 1):
                newest = activities[later - 1].occurred_at
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


class HalfLifeReference:
    """A reference for half-life scores, worked out from the file's data and all the events: no state, no registers."""

    def __init__(self, section):
        self.section = section

    @staticmethod
    def same(value, wanted):
        if isinstance(value, str) and isinstance(wanted, str):
            return value.lower() == wanted.lower()
        if isinstance(wanted, bool):
            return value in ((True, 1) if wanted else (False, 0))
        return value == wanted and not isinstance(value, bool)

    def holds(self, test, value):
        if not isinstance(test, dict):
            return value is not None and self.same(value, test)
        if "in" in test:
            return value is not None and any(self.same(value, one) for one in test["in"])
        if "prefix" in test:
            return isinstance(value, str) and value.lower().startswith(test["prefix"].lower())
        low, high = (end if one is None else one for one, end in zip(test["range"], (-inf, inf), strict=True))
        return isinstance(value, (int, float)) and not isinstance(value, bool) and low <= value <= high

    def counted(self, rule, events):
        """The moments of the events that count: the earliest ones of each key."""
        moments = {}
        for event in sorted(events, key=lambda one: one.occurred_at):
            properties = event.properties
            if event.source == ENGINE or event.type not in rule["event"]:
                continue
            if not all(
                self.holds(test, properties.get(name)) for name, test in rule.get("where", {}).items()
            ):
                continue
            policy, key, most = rule.get("repeat", "always"), event.position, 1
            if policy == "once":
                key = ""
            elif policy != "always" and "oncePer" in policy:
                key = properties.get(policy["oncePer"]) or ""
            elif policy != "always":
                key, most = event.occurred_at // DAY, policy["atMost"]
            if len(moments.setdefault(key, [])) < most:
                moments[key].append(event.occurred_at)
        return [moment for some in moments.values() for moment in some]

    def rule_points(self, rule, events, as_of):
        half_life = rule.get("halfLifeDays")
        points = fsum(
            rule["points"] * (2 ** (-(as_of - at) / DAY / half_life) if half_life else 1)
            for at in self.counted(rule, events)
        )
        cap = rule.get("cap", {"low": -inf, "high": inf})
        return min(max(points, cap["low"]), cap["high"])

    def engagement(self, events, as_of):
        total = 0
        for group in self.section["groups"]:
            rules = [rule for rule in self.section["rules"] if rule["group"] == group["id"]]
            points = fsum(self.rule_points(rule, events, as_of) for rule in rules)
            cap = group.get("cap", {"low": -100, "high": 100})
            total += min(max(points, cap["low"]), cap["high"])
        return min(max(total, 0), 100)

    def known(self, events):
        """The latest value of each attribute, those that were taken back left out."""
        said = {}
        for event in sorted(events, key=lambda one: one.occurred_at):
            if event.type == "lead.updated":
                said |= event.properties
        asked = {one["attribute"] for one in self.section.get("fit", {}).get("attributes", ())}
        return {name: value for name, value in said.items() if name in asked and value not in (None, "")}

    def fit(self, events):
        known = self.known(events)
        if "fit" not in self.section or not known:
            return None
        total = 0
        for one in self.section["fit"]["attributes"]:
            if one["attribute"] not in known:
                total += one["unknown"]
                continue
            value = known[one["attribute"]]
            fitting = [case["points"] for case in one["cases"] if self.holds(case["when"], value)]
            total += [*fitting, one["otherwise"]][0]
        return min(max(total, 0), 100)

    def score(self, events, as_of):
        fit, engagement = self.fit(events), self.engagement(events, as_of)
        return engagement if fit is None else 0.35 * fit + 0.65 * engagement


@pytest.fixture(scope="session")
def half_life_reference():
    return HalfLifeReference
