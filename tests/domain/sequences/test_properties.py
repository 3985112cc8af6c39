"""What holds for every sequence, recipient and clock, however long nothing ran."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import DAY, HOUR, MINUTE, to_datetime
from domain.rule_language.week_hours import WEEKDAYS
from domain.sequences.absence import Absence
from domain.sequences.calendar import calendar_of
from domain.sequences.decide import Progress, SendMessage, decide
from tests.domain.sequences.builders import at, facts, program

ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "Pacific/Kiritimati",
    "Africa/Casablanca",
    "America/Santiago",
]
UTC = ZoneInfo("UTC")
MAX_PAUSE = 40 * DAY

leaves = st.sampled_from(
    [
        "{send: email, subject: S, text: T}",
        "{send: whatsapp, text: T, late: send}",
        "{send: email, subject: S, text: T, late: end, lateAfter: {hours: 3}}",
        "{wait: {days: 3}}",
        "{wait: {hours: 5}}",
        "{task: Call}",
        "{addTag: x}",
    ]
)


def nested(inner):
    parts = st.lists(inner, max_size=3).map(", ".join)
    return st.one_of(
        st.tuples(parts, parts).map(
            lambda two: (
                f"{{waitFor: page_view, within: {{days: 2}}, then: [{two[0]}], otherwise: [{two[1]}]}}"
            )
        ),
        st.tuples(st.lists(inner, min_size=1, max_size=2).map(", ".join), parts).map(
            lambda two: f"{{branch: [{{lead: {{stage: hot}}, then: [{two[0]}]}}], otherwise: [{two[1]}]}}"
        ),
    )


steps = st.lists(st.recursive(leaves, nested, max_leaves=6), min_size=1, max_size=6)
hours = st.tuples(st.integers(0, 22), st.integers(1, 8))
pauses = st.lists(st.sampled_from([0, 0, MINUTE, HOUR, 3 * DAY, MAX_PAUSE]), min_size=1, max_size=8)
starts = st.one_of(
    st.integers(at("2024-01-01", UTC), at("2028-12-31", UTC)),
    st.sampled_from(["2026-03-29T00:30", "2026-10-25T00:30", "2028-02-29T11:00", "2027-04-04T13:00"]).map(
        lambda text: at(text, UTC)
    ),
)


def absences(begin):
    """Absences that are said within 50 days, with and without the day of return."""
    said = st.integers(0, 50 * 24).map(lambda hours: begin + hours * HOUR)
    days = st.one_of(st.none(), st.integers(0, 30))
    return st.tuples(said, days).map(
        lambda two: Absence(
            two[0],
            "reply",
            None if two[1] is None else (to_datetime(two[0]) + timedelta(days=two[1])).date(),
        )
    )


class Run:
    """A lead that is looked at whenever its wait ends, or some time later; and at once when it says that it is away."""

    def __init__(self, written, zone, hours, days, begin, late, away=None):  # noqa: PLR0917 - the parts of a run
        opens, closes = hours[0], min(hours[0] + hours[1], 24)
        self.window = (opens, closes, days)
        self.zone = ZoneInfo(zone)
        self.late = list(late)
        self.begin = begin
        self.away = away
        window = f'{{days: [{", ".join(days)}], opens: "{opens:02}:00", closes: "{closes:02}:00"}}'
        self.program = program("\n".join(f"  - {one}" for one in written), window=window, gap="{hours: 30}")
        self.sent, self.steps, self.done_at, self.looks = [], [], [], 0

    def play(self):
        progress, now, touch, waited_until = Progress(0, self.begin), self.begin, None, self.begin
        while True:
            known = facts(zone=self.zone, last_touch=touch, away=self.known_absence(now))
            decision = decide(self.program, progress, now, known)
            assert decision == decide(self.program, progress, now, known)
            assert decision.progress.step >= progress.step
            in_time = self.in_time(progress, min(now, waited_until), known)
            for effect in decision.effects:
                self.steps.append(effect.step)
                self.done_at.append(now)
                if isinstance(effect, SendMessage):
                    self.sent.append((now, effect, in_time[effect.step]))
                    touch = now
            self.looks += 1
            if decision.wait_until is None:
                assert decision.ended
                return self
            assert decision.wait_until > now
            assert self.looks <= 2 * len(self.program.nodes) * (1 + len(self.late)) + 4
            waited_until, progress = decision.wait_until, decision.progress
            following = waited_until + (self.late.pop() if self.late else 0)
            is_woken = self.away is not None and now < self.away.since < following
            now = self.away.since if is_woken else following

    def known_absence(self, now):
        return self.away if self.away is not None and self.away.since <= now else None

    def in_time(self, progress, at, known):
        """When each step would be taken if the lead were looked at in time from this moment on."""
        entries = calendar_of(self.program, progress, at, known)
        return {entry.effect.step: entry.at for entry in entries if entry.effect is not None}


programs = (steps, st.sampled_from(ZONES), hours)
weekdays = st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True)


@st.composite
def runs(draw, late=pauses):
    """Runs of any sequence; some leads are away for a time."""
    begin = draw(starts)
    parts = [*(draw(one) for one in programs), draw(weekdays), begin, draw(late)]
    return Run(*parts, draw(st.one_of(st.none(), absences(begin))))


@settings(max_examples=60, deadline=None)
@given(runs())
def test_every_path_ends_and_keeps_the_gap_the_window_and_the_order_whenever_it_is_looked_at(run):
    run.play()
    opens, closes, days = run.window
    moments = [when for when, _, _ in run.sent]
    assert all(after - before >= 30 * HOUR for before, after in pairwise(moments))
    for when in moments:
        local = to_datetime(when).astimezone(run.zone)
        assert WEEKDAYS[local.weekday()] in days
        assert opens <= local.hour < closes
    assert len(run.steps) == len(set(run.steps))


@settings(max_examples=60, deadline=None)
@given(runs())
def test_a_message_that_may_not_be_late_is_never_sent_later_than_it_may_be(run):
    run.play()
    limits = {node.key: node for node in run.program.nodes if getattr(node, "channel", None)}
    for when, effect, in_time in run.sent:
        node = limits[effect.step]
        if node.late != "send":
            assert when - in_time <= node.late_after


@settings(max_examples=25, deadline=None)
@given(runs())
def test_nothing_is_done_while_a_lead_is_away_nor_on_the_day_of_its_return(run):
    run.play()
    if run.away is None:
        return
    for when in run.done_at:
        if when >= run.away.since and run.away.returns is not None:
            assert to_datetime(when).astimezone(run.zone).date() > run.away.returns
        elif when >= run.away.since:
            assert when >= run.away.since + 7 * DAY - 2 * HOUR  # days of the calendar may be shorter


@settings(max_examples=25, deadline=None)
@given(runs(late=st.just([])), st.data())
def test_an_absence_puts_steps_off_and_drops_none(run, data):
    usual = Run.__new__(Run)
    usual.__dict__ = {**run.__dict__, "away": None, "late": [], "sent": [], "steps": [], "done_at": []}
    run.away = data.draw(absences(run.begin))
    run.play()
    usual.play()
    assert run.steps == usual.steps
    assert all(late >= early for late, early in zip(run.done_at, usual.done_at, strict=True))
