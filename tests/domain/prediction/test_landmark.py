"""Landmarks show what was known on a Monday morning, and nothing that came later."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.decisions.goal import Goal
from domain.events.event import Event
from domain.instant import DAY, to_datetime
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.prediction.features import features_of
from domain.prediction.landmark import Arrival, arrival, landmarks_of
from engine.rulebooks.built_in import compiled_built_in

RULES = compiled_built_in("standard")
GOAL = Goal("win", "won", 30)
MONDAY = 20_000 * DAY - (20_000 - 4) % 7 * DAY
"""In 2024."""
FAR = MONDAY + 400 * DAY


def event(position, type_, at, received=None, stream=""):
    return Event(
        position=position,
        event_id=f"{position}",
        lead_id="ada",
        type=type_,
        occurred_at=int(at),
        received_at=int(at if received is None else received),
        stream=stream,
    )


def arrivals(*events):
    return [arrival(one, 0) for one in events]


def test_landmarks_are_mondays_at_midnight_of_open_leads():
    found = list(landmarks_of(arrivals(event(1, "signup", MONDAY + DAY)), RULES, GOAL, MONDAY + 60 * DAY))
    assert [one.at for one in found] == [MONDAY + 7 * DAY * week for week in range(1, 5)]
    assert all(to_datetime(one.at).weekday() == 0 for one in found)
    assert not any(one.reached for one in found)


def test_what_is_won_within_the_horizon_is_reached_and_gives_no_further_landmark():
    events = arrivals(event(1, "signup", MONDAY + DAY), event(2, "deal.won", MONDAY + 50 * DAY))
    found = {one.at: one.reached for one in landmarks_of(events, RULES, GOAL, FAR)}
    won = MONDAY + 50 * DAY
    assert found == {at: won <= at + GOAL.horizon for at in found}
    assert set(found.values()) == {True, False}
    assert max(found) < won


def test_a_loss_first_is_no_win():
    events = arrivals(
        event(1, "signup", MONDAY + DAY),
        event(2, "deal.lost", MONDAY + 8 * DAY),
        event(3, "deal.won", MONDAY + 9 * DAY),
    )
    assert [one.reached for one in landmarks_of(events, RULES, GOAL, FAR)] == [False]


def test_a_horizon_that_has_not_passed_gives_no_landmark():
    events = arrivals(event(1, "signup", MONDAY + DAY), event(2, "deal.won", MONDAY + 9 * DAY))
    assert list(landmarks_of(events, RULES, GOAL, MONDAY + 36 * DAY)) == []
    assert len(list(landmarks_of(events, RULES, GOAL, MONDAY + 37 * DAY))) == 1


def test_what_was_received_later_is_not_in_a_photograph():
    late = event(2, "demo_request", MONDAY + 2 * DAY, received=MONDAY + 8 * DAY)
    events = arrivals(event(1, "signup", MONDAY + DAY), late)
    before, after, *_ = landmarks_of(events, RULES, GOAL, FAR)
    assert "daysSince.demo-request" not in before.features
    assert after.features["daysSince.demo-request"] == 12
    assert not before.backfilled
    assert not after.backfilled


def test_imported_history_counts_from_when_it_occurred_and_is_marked():
    old = event(1, "signup", MONDAY + DAY, received=MONDAY + 300 * DAY)
    found = list(landmarks_of(arrivals(old), RULES, GOAL, FAR))
    assert found[0].at < MONDAY + 300 * DAY
    assert all(one.backfilled for one in found)


def test_an_anonymous_history_counts_from_the_merge_on():
    joined = MONDAY + 10 * DAY
    events = [
        arrival(event(1, "signup", MONDAY + DAY), 0),
        Arrival(joined, event(2, "demo_request", MONDAY + 2 * DAY, stream="web"), backfilled=False),
    ]
    assert arrival(events[1].event, joined).known_at == joined
    before, after, *_ = landmarks_of(events, RULES, GOAL, FAR)
    assert "daysSince.demo-request" not in before.features
    assert "daysSince.demo-request" in after.features


def test_samples_are_nested_and_of_the_size_they_say():
    events = arrivals(*(event(n, "page_view", MONDAY + n * 7 * DAY) for n in range(1, 3000)))
    found = {
        one_in: {one.at for one in landmarks_of(events, RULES, GOAL, MONDAY + 3000 * 7 * DAY, one_in)}
        for one_in in (1, 2, 4)
    }
    assert found[4] < found[2] < found[1]
    assert len(found[1]) / 4 == pytest.approx(len(found[4]), rel=0.15)


def test_silent_leads_give_none_and_come_back():
    events = arrivals(event(1, "page_view", MONDAY + DAY), event(2, "page_view", MONDAY + 320 * DAY))
    goal = Goal("win", "won", 1)
    mondays = {one.at for one in landmarks_of(events, RULES, goal, FAR)}
    assert not any(MONDAY + 182 * DAY < at < MONDAY + 320 * DAY for at in mondays)


TYPES = ("page_view", "signup", "demo_request", "email_open", "unsubscribed")


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(TYPES), st.integers(0, 60 * DAY), st.integers(0, 6 * DAY)),
        min_size=1,
        max_size=12,
        unique_by=lambda one: one[1],
    )
)
def test_each_photograph_is_the_fold_of_what_had_been_received(facts):
    received = sorted((at + delay, at, type_) for type_, at, delay in facts)
    events = [event(n, type_, MONDAY + at, MONDAY + came) for n, (came, at, type_) in enumerate(received, 1)]
    for one in landmarks_of(arrivals(*events), RULES, GOAL, FAR):
        known = [each for each in events if each.received_at <= one.at]
        state = fold(
            initial_state("ada", RULES), sorted(known, key=lambda each: each.occurred_at), RULES
        ).state
        assert one.features == features_of(state, max(one.at, state.clock), RULES, RULES.decisive_rules)


def test_rules_over_our_own_actions_and_decisions_are_refused():
    assert {"deal-lost", "not-reached"} <= RULES.decisive_rules
    assert "demo-request" not in RULES.decisive_rules
