"""How busy a lead is: three points for each activity in the last 24 hours."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.events.event import Event
from domain.velocity.window import WindowVelocitySection

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY
MAX = 200

WINDOW = WindowVelocitySection(model="window", hours=24, points=3).compile()


def activity(at):
    return Event(position=1, event_id="e", lead_id="lead-1", type="page_view", occurred_at=at, received_at=at)


def after(moments, velocity=WINDOW):
    state = velocity.initial()
    for moment in moments:
        state = velocity.evolve(state, activity(moment))
    return state


def test_four_events_in_a_day_are_a_velocity_of_12():
    state = after(START + hours * HOUR for hours in (0, 5, 10, 23))

    assert WINDOW.measure(state, START + 23 * HOUR).velocity == 12


def test_no_events_are_a_velocity_of_nought():
    assert WINDOW.measure(WINDOW.initial(), START).velocity == 0


@pytest.mark.parametrize(
    ("as_of", "velocity"),
    [
        (START - 1, 0),  # it has not happened yet
        (START, 3),
        (START + DAY - 1, 3),
        (START + DAY, 0),  # exactly 24 hours ago is out
        (START + 9 * DAY, 0),
    ],
)
def test_the_window_holds_what_happened_less_than_24_hours_ago(as_of, velocity):
    assert WINDOW.measure(after([START]), as_of).velocity == velocity


def test_a_late_event_counts_when_it_happened_not_when_it_arrived():
    # Given an event of yesterday evening that arrives after one of today
    state = after([START + 20 * HOUR, START + 2 * HOUR])

    # Then both count while both are within the day, and the late one leaves first
    assert WINDOW.measure(state, START + 20 * HOUR).velocity == 6
    assert WINDOW.measure(state, START + 26 * HOUR).velocity == 3


def test_a_late_event_from_before_the_window_changes_nothing():
    assert WINDOW.measure(after([START, START - 3 * DAY]), START).velocity == 3


def test_events_at_the_same_moment_all_count():
    assert WINDOW.measure(after([START] * 5), START).velocity == 15


@given(
    moments=st.lists(st.integers(0, 3 * DAY), max_size=40).map(lambda them: [START + it for it in them]),
    later=st.integers(0, 2 * DAY),
)
@settings(max_examples=150, deadline=None)
def test_up_to_200_in_the_window_it_is_the_exact_count_in_whatever_order_they_arrive(moments, later):
    as_of = max(moments, default=START) + later

    counted = sum(as_of - DAY < moment <= as_of for moment in moments)

    assert WINDOW.measure(after(moments), as_of).velocity == 3 * counted


@given(seed=st.randoms(use_true_random=False), size=st.integers(150, 450), later=st.integers(0, DAY))
@settings(max_examples=15, deadline=None)
def test_a_burst_is_exact_as_soon_as_200_or_fewer_of_it_are_left_in_the_window(seed, size, later):
    # Given more events within two days than a lead remembers
    moments = [START + seed.randrange(2 * DAY) for _ in range(size)]
    as_of = max(moments) + later

    counted = sum(as_of - DAY < moment <= as_of for moment in moments)

    assert WINDOW.measure(after(moments), as_of).velocity == 3 * min(counted, MAX)


@given(seed=st.randoms(use_true_random=False), size=st.integers(201, 600), span=st.integers(1, 10 * DAY))
@settings(max_examples=15, deadline=None)
def test_never_more_than_200_moments_are_remembered_however_long_the_stream(seed, size, span):
    state = after(START + seed.randrange(span) for _ in range(size))

    assert len(state.recent) <= MAX
    assert list(state.recent) == sorted(state.recent)
    assert len(msgspec.json.encode(state)) < 4_000


def test_moments_out_of_reach_are_forgotten():
    assert after([START, START + DAY]).recent == (START + DAY,)


def test_hours_and_points_are_the_rulebooks():
    velocity = WindowVelocitySection(model="window", hours=1.5, points=0.5).compile()
    state = after([START, START + HOUR], velocity)

    assert velocity.measure(state, START + HOUR).velocity == 1
    assert velocity.measure(state, START + 90 * 60_000).velocity == 0.5


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 events in the last 24 hours"),
        (1, "1 event in the last 24 hours"),
        (4, "4 events in the last 24 hours"),
        (199, "199 events in the last 24 hours"),
        (200, "at least 200 events in the last 24 hours"),
        (350, "at least 200 events in the last 24 hours"),
    ],
)
def test_it_is_said_in_words_and_says_so_where_it_stops_counting(count, words):
    assert WINDOW.explain(after([START] * count), START) == words


@pytest.mark.parametrize("hours", [0, -1, 2161, float("inf"), float("nan")])
def test_a_window_that_is_empty_or_longer_than_90_days_is_refused(hours):
    with pytest.raises(ValidationError, match="hours"):
        WindowVelocitySection(model="window", hours=hours)


@pytest.mark.parametrize("points", [0, -3, float("nan"), float("inf")])
def test_points_that_are_no_positive_finite_number_are_refused(points):
    # Endless points would make the velocity of a quiet lead 0 x inf, which is not a number.
    with pytest.raises(ValidationError, match="points"):
        WindowVelocitySection(model="window", points=points)
