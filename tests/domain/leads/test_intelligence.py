"""Intelligence for a sales rep: every number explained, and the shown points sum to the shown score."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.leads.intelligence import intelligence, rounded_parts
from domain.scoring.breakdown import Reason

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY


def part(rule_id, points):
    return Reason(rule_id=rule_id, label=rule_id, points=points, raw_points=points, count=1, last_event_at=0)


def shown(*points):
    parts = tuple(part(f"rule-{number}", value) for number, value in enumerate(points))
    return [one.points for one in rounded_parts(parts, sum(points))]


def in_cents(number):
    """A shown number as a whole number of hundredths; fails if it is finer than that."""
    cents = Decimal(repr(number)) * 100
    assert cents == cents.to_integral_value()
    return int(cents)


def test_it_says_everything_about_the_lead_at_that_moment(classic, folded, stream):
    # Given the six events of the specification within one day
    six = ("page_view", "email_open", "page_view", "download", "signup", "demo_request")
    state = folded(stream(*((type_, START + n * HOUR) for n, type_ in enumerate(six)))).state

    now = intelligence(state, START + 5 * HOUR, classic)

    assert (now.lead_id, now.as_of, now.position) == ("lead-1", START + 5 * HOUR, 6)
    assert (now.score, now.stage, now.velocity, now.risk) == (65, "qualified", 18, "low")
    assert now.next_action == "immediate_outreach"
    assert [(reason.rule_id, reason.points, reason.count) for reason in now.reasons] == [
        ("demo_request", 30, 1),
        ("signup", 20, 1),
        ("download", 10, 1),
        ("email_open", 3, 1),
        ("page_view", 2, 2),
    ]
    assert now.details.stage_since == START + 5 * HOUR
    assert now.details.velocity == "6 events in the last 24 hours"
    assert now.details.risk == "active within the last day"
    assert now.details.next_action == "Qualified and active in the last days."
    assert now.details.activities == 6
    assert (now.details.first_activity_at, now.details.last_activity_at) == (START, START + 5 * HOUR)


def test_after_a_silence_the_reasons_show_what_is_left_and_what_there_was(classic, folded, stream):
    state = folded(stream(("demo_request", START), ("demo_request", START), ("email_open", START))).state

    # 63 x 0.512 = 32.256
    later = intelligence(state, START + 9 * DAY + 12 * HOUR, classic)

    assert (later.score, later.stage, later.risk) == (32.26, "hot", "high")
    assert [(reason.rule_id, reason.points, reason.raw_points) for reason in later.reasons] == [
        ("demo_request", 30.72, 60),
        ("email_open", 1.54, 3),
    ]
    assert later.details.risk == "quiet for 9 days"
    assert later.details.velocity == "0 events in the last 24 hours"


def test_a_stage_that_holds_is_dated_from_when_it_began(classic, folded, stream):
    state = folded(stream(("signup", START), ("page_view", START + DAY))).state

    assert intelligence(state, START + 3 * DAY, classic).details.stage_since == START


def test_tags_are_shown(classic, folded, event):
    state = folded([event("tag.added", properties={"tag": "vip"})]).state

    now = intelligence(state, START, classic)

    assert now.tags == ("vip",)
    assert (now.score, now.risk, now.details.risk, now.reasons) == (0, "high", "never active", ())


def test_thirds_still_sum_to_the_whole():
    # 3.33 x 3 = 9.99: the missing hundredth goes to one of them, and ties go by the rule's id
    assert shown(10 / 3, 10 / 3, 10 / 3) == [3.34, 3.33, 3.33]


def test_a_missing_hundredth_goes_to_the_largest_remainder():
    # 1.001 + 1.002 + 1.004 = 3.007, shown as 3.01: one hundredth more, for 1.004
    assert shown(1.001, 1.002, 1.004) == [1.00, 1.00, 1.01]


def test_a_surplus_hundredth_is_taken_where_most_was_added():
    # 0.006 + 0.007 + 0.009 = 0.022, shown as 0.02: rounded alone they would be 0.03
    assert shown(0.006, 0.007, 0.009) == [0.0, 0.01, 0.01]


def test_losses_are_shown_as_losses_and_sum_too():
    # -1.004 x 3 = -3.012, shown as -3.01: one of them carries the hundredth
    assert shown(-1.004, -1.004, -1.004) == [-1.01, -1.0, -1.0]
    assert shown(30.0, -12.3) == [30.0, -12.3]


def test_a_lead_with_a_tiny_loss_has_nought_points_not_minus_nought(rulebook, folded, stream):
    rules = rulebook(
        score={"model": "points", "rules": [{"id": "bounce", "event": "bounce", "points": -0.001}]},
    )

    now = intelligence(folded(stream(("bounce", START)), rules).state, START, rules)

    assert (str(now.score), str(now.reasons[0].points)) == ("0.0", "0.0")


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_reasons_sum_to_the_score_in_hundredths_for_any_stream_at_any_later_moment(
    classic, streams, folded, data
):
    state = folded(data.draw(streams())).state
    as_of = state.clock + data.draw(st.integers(0, 60 * DAY) | st.sampled_from([7 * DAY, 7 * DAY + 1]))

    now = intelligence(state, as_of, classic)

    assert sum(in_cents(reason.points) for reason in now.reasons) == in_cents(now.score)


@given(
    points=st.lists(st.floats(-1e6, 1e6).map(lambda value: round(value, 6)), max_size=30),
)
@settings(max_examples=200, deadline=None)
def test_any_parts_sum_exactly_and_each_is_shown_within_a_hundredth_of_the_truth(points):
    total = sum(points)
    cents = [in_cents(value) for value in shown(*points)]

    assert abs(sum(cents) - total * 100) <= 0.5 + 1e-3
    assert all(abs(cent - value * 100) <= 1 + 1e-6 for cent, value in zip(cents, points, strict=True))


@given(points=st.lists(st.floats(0, 1e3), min_size=1, max_size=30))
@settings(max_examples=200, deadline=None)
def test_a_gain_is_never_shown_as_a_loss(points):
    assert all(value >= 0 for value in shown(*points))


def test_parts_keep_their_order_and_everything_but_their_digits():
    parts = (part("b", 2.004), part("a", 1.0))

    rounded = rounded_parts(parts, 3.004)

    assert [one.rule_id for one in rounded] == ["b", "a"]
    assert [(one.points, one.raw_points, one.count) for one in rounded] == [(2.0, 2.0, 1), (1.0, 1.0, 1)]


@pytest.mark.parametrize("later", [0, DAY, 7 * DAY + 1, 40 * DAY])
def test_the_shown_score_is_the_score_in_hundredths(classic, folded, stream, reference, later):
    events = stream(("demo_request", START), ("email_open", START + HOUR))
    as_of = START + HOUR + later

    now = intelligence(folded(events).state, as_of, classic)

    assert abs(now.score - reference.score(events, as_of)) <= 0.005 + 1e-9
