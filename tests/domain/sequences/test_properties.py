"""What holds for every sequence, recipient and clock, however long nothing ran."""

from __future__ import annotations

from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import DAY, HOUR, MINUTE, to_datetime
from domain.rule_language.week_hours import WEEKDAYS
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


class Run:
    """A lead that is looked at whenever its wait ends, or some time later."""

    def __init__(self, written, zone, hours, days, begin, late):  # noqa: PLR0917 - the parts of a run
        opens, closes = hours[0], min(hours[0] + hours[1], 24)
        self.window = (opens, closes, days)
        self.zone = ZoneInfo(zone)
        self.late = late
        self.begin = begin
        window = f'{{days: [{", ".join(days)}], opens: "{opens:02}:00", closes: "{closes:02}:00"}}'
        self.program = program("\n".join(f"  - {one}" for one in written), window=window, gap="{hours: 30}")
        self.sent, self.steps, self.looks, self.waited = [], [], 0, []

    def play(self):
        progress, now, touch, waited_until = Progress(0, self.begin), self.begin, None, self.begin
        while True:
            known = facts(zone=self.zone, last_touch=touch)
            decision = decide(self.program, progress, now, known)
            assert decision == decide(self.program, progress, now, known)
            assert decision.progress.step >= progress.step
            for effect in decision.effects:
                self.steps.append(effect.step)
                if isinstance(effect, SendMessage):
                    self.sent.append((now, effect, waited_until))
                    touch = now
            self.looks += 1
            if decision.wait_until is None:
                assert decision.ended
                return
            assert decision.wait_until > now
            assert self.looks <= 2 * len(self.program.nodes) * (1 + len(self.late)) + 2
            waited_until, progress = decision.wait_until, decision.progress
            now = waited_until + (self.late.pop() if self.late else 0)


runs = st.builds(
    Run,
    steps,
    st.sampled_from(ZONES),
    hours,
    st.lists(st.sampled_from(WEEKDAYS), min_size=1, max_size=7, unique=True),
    starts,
    pauses,
)


@settings(max_examples=60, deadline=None)
@given(runs)
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
@given(runs)
def test_a_message_that_may_not_be_late_is_never_sent_later_than_it_may_be(run):
    run.play()
    limits = {node.key: node for node in run.program.nodes if getattr(node, "channel", None)}
    for when, effect, waited_until in run.sent:
        node = limits[effect.step]
        if node.late != "send":
            assert when - waited_until <= node.late_after
