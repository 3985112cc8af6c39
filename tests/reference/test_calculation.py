"""The calculation is what the documents say, and agrees with itself where it takes two ways."""

from __future__ import annotations

from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.calculation import Fact, LeadReference, answer
from tests.reference.calculation.facts import DAY, HOUR, MINUTE
from tests.reference.calculation.half_life import HalfLifeScoring
from tests.reference.calculation.risk import gone
from tests.reference.calculation.score import clamp
from tests.reference.calculation.stages import Ladder
from tests.reference.calculation.velocity import sessions, velocity
from tests.reference.leads import START, leads, moments
from tests.reference.rulebooks import SHIPPED, shipped

MBG_NBD = {"model": "dropout"}


def facts(*happenings, received_at=START + 1000 * DAY):
    return [Fact(name, at, received_at, position) for position, (name, at) in enumerate(happenings, 1)]


def one_rule(points, **rule):
    return {
        "model": "half-life",
        "groups": [{"id": "all"}],
        "rules": [{"id": "x", "group": "all", "event": "x", "points": points, **rule}],
    }


def test_sixty_five_points_with_a_half_life_of_twenty_days_fall_under_forty_after_fourteen_days():
    curve = HalfLifeScoring(one_rule(65, halfLifeDays=20)).curve(facts(("x", 0)), 0)

    assert curve.first(40, inf, 0, 30 * DAY) / DAY == pytest.approx(14.0, abs=0.05)


def test_a_demo_request_is_worth_half_after_21_days_and_a_quarter_after_42():
    asked = facts(("demo_request", START))

    for days, points in ((0, 35), (21, 17.5), (42, 8.75)):
        assert answer(asked, shipped("standard"), START + days * DAY).score.score == pytest.approx(points)


def test_a_cap_is_applied_when_the_score_is_read():
    """+15, +15 and -10 under a cap of 20 are 15.78 or 7.93, if each is capped as it comes; here they are 20."""
    section = {
        "model": "half-life",
        "groups": [{"id": "all", "cap": {"low": 0, "high": 20}}],
        "rules": [
            {"id": "up", "group": "all", "event": "up", "points": 15},
            {"id": "down", "group": "all", "event": "down", "points": -10},
        ],
    }
    given_points = facts(("up", 0), ("up", 1), ("down", 2))

    assert HalfLifeScoring(section).breakdown(given_points, 3).score == 20


def test_a_cap_that_leaves_out_a_part_is_0_to_100_and_no_cap_is_no_limit():
    assert [clamp(value, {"high": 12}) for value in (-5, 5, 50)] == [0, 5, 12]
    assert [clamp(value, {"low": -15}) for value in (-50, 50, 500)] == [-15, 50, 100]
    assert clamp(-500, None) == -500


@pytest.mark.parametrize(
    ("idle", "points"),
    [(7 * DAY, 10), (7 * DAY + 1, 8), (8 * DAY - 1, 8), (8 * DAY, 6.4), (9 * DAY, 5.12)],
)
def test_plain_points_lose_a_fifth_after_a_week_and_again_with_each_further_whole_day(idle, points):
    assert answer(facts(("download", START)), shipped("classic"), START + idle).score.score == points


def test_a_lead_of_one_day_is_at_25_percent_at_once_and_at_60_after_24_and_a_half_days():
    assert gone(MBG_NBD, [START], START) == pytest.approx(0.25)
    assert gone(MBG_NBD, [START], START + round(24.5 * DAY)) == pytest.approx(0.6)


@pytest.mark.parametrize(
    ("gap", "times", "medium_after", "high_after"), [(1, 14, 3, 5.1), (14, 6, 17.6, 39.5)]
)
def test_a_lead_of_a_steady_rhythm_is_at_risk_by_that_rhythm(gap, times, medium_after, high_after):
    days = [START + number * gap * DAY for number in range(times)]

    assert gone(MBG_NBD, days, days[-1] + round(medium_after * DAY)) >= 0.299
    assert gone(MBG_NBD, days, days[-1] + round((high_after - 0.1) * DAY)) < 0.6
    assert gone(MBG_NBD, days, days[-1] + round((high_after + 0.1) * DAY)) > 0.6


def test_events_at_most_half_an_hour_apart_are_one_session():
    half_an_hour = 30 * MINUTE

    assert sessions([0, half_an_hour, 2 * half_an_hour, 3 * half_an_hour + 1], half_an_hour) == [
        0,
        3 * half_an_hour + 1,
    ]


def test_momentum_is_plus_one_at_twice_the_usual_pace():
    """A lead of old age with a session in each of many past hours has its fast and slow pace equal, so momentum is 0."""
    steady = [Fact("page_view", START + n * 6 * HOUR, START + n * 6 * HOUR, n) for n in range(2000)]
    lately = [Fact("page_view", START + n * 3 * HOUR, START + n * 3 * HOUR, n) for n in range(3920, 4000)]

    at = steady[-1].at + 3 * HOUR  # in the middle of the pause, where the average stands
    assert velocity({"model": "rhythm"}, steady, at).momentum == pytest.approx(0, abs=0.05)
    twice = sorted({fact.at: fact for fact in (*steady, *lately)}.values(), key=lambda fact: fact.at)
    assert 0.8 < velocity({"model": "rhythm"}, twice, at).momentum < 1


def test_stages_are_entered_at_their_line_and_left_below_the_lower_one():
    ladder = Ladder(shipped("standard")["stages"])
    cold, warm, hot, qualified = range(4)

    assert [ladder.settled(cold, score) for score in (14.9, 15, 35, 60)] == [cold, warm, hot, qualified]
    assert [ladder.settled(qualified, score) for score in (46.75, 46.7, 29.75, 29.7, 12.7)] == [
        *(qualified, hot, hot, warm, cold)
    ]


@given(data=st.data(), name=st.sampled_from(SHIPPED))
@settings(max_examples=25, deadline=None)
def test_the_curve_after_the_last_event_is_what_the_whole_calculation_gives(data, name):
    lead = data.draw(leads(most=12))
    reference = LeadReference(lead, shipped(name))
    later = lead[-1].at + data.draw(st.integers(0, 60 * DAY))

    curve = reference.scoring.curve(lead, lead[-1].at)
    assert curve.score(later) == pytest.approx(reference.at(later).score.score, abs=1e-9)


@given(data=st.data(), name=st.sampled_from(SHIPPED))
@settings(max_examples=25, deadline=None)
def test_the_first_moment_beyond_two_lines_is_that_of_a_scan_of_every_millisecond(data, name):
    lead = data.draw(leads(most=12))
    curve = LeadReference(lead, shipped(name)).scoring.curve(lead, lead[-1].at)
    start = lead[-1].at + data.draw(
        st.sampled_from((0, 7 * DAY - 50, 8 * DAY - 50)) | st.integers(0, 30 * DAY)
    )
    scores = {at: curve.score(at) for at in range(start, start + 100)}
    low, high = (data.draw(st.sampled_from(sorted(scores.values()))) + nudge for nudge in (-1e-12, 1e-12))

    scanned = next((at for at in range(start + 1, start + 100) if not low <= scores[at] < high), None)
    assert curve.first(low, high, start, start + 99) == scanned


@given(data=st.data(), name=st.sampled_from(SHIPPED))
@settings(max_examples=25, deadline=None)
def test_the_order_in_which_facts_are_given_plays_no_part(data, name):
    lead = data.draw(leads(most=15))
    as_of = data.draw(moments(lead))

    assert answer(data.draw(st.permutations(lead)), shipped(name), as_of) == answer(
        lead, shipped(name), as_of
    )


@given(data=st.data(), name=st.sampled_from(SHIPPED))
@settings(max_examples=25, deadline=None)
def test_lines_sum_to_the_score_and_each_adds_up(data, name):
    lead = data.draw(leads(most=30))
    score = answer(lead, shipped(name), data.draw(moments(lead))).score

    assert sum(line.points for line in score.lines) == pytest.approx(score.score, abs=1e-9)
    for line in score.lines:
        assert (line.raw + line.faded + line.clamped) * line.weight == pytest.approx(line.points, abs=1e-9)
