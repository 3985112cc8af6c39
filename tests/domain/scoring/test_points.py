"""The points of `classic`: what each event gives, and what a silence takes."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.leads.fold import in_time_order
from domain.scoring.breakdown import Score

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY

SIX = ("page_view", "email_open", "page_view", "download", "signup", "demo_request")


def evolved(rules, events):
    state = rules.score.initial()
    for event in events:
        state = rules.score.evolve(state, event)
    return state


def given_by(rules, event):
    """The contributions of one event to a new lead."""
    before = rules.score.initial()
    after = rules.score.evolve(before, event)
    return rules.score.change(event, before, after, event.occurred_at).contributions


def test_six_events_add_up_to_65_step_by_step(classic, stream):
    # Given the six events of the specification, a minute apart
    events = stream(*((type_, START + i * 60_000) for i, type_ in enumerate(SIX)))

    # When they are folded one by one
    totals = [
        classic.score.breakdown(evolved(classic, events[: n + 1]), events[n].occurred_at).score
        for n in range(len(events))
    ]

    # Then 1, 1+3, 4+1, 5+10, 15+20, 35+30
    assert totals == [1, 4, 5, 15, 35, 65]
    later = START + 40 * DAY
    state = evolved(classic, events)
    assert classic.score.total(state, later) == Score(classic.score.breakdown(state, later).score)


@pytest.mark.parametrize(
    ("type_", "points"),
    [("page_view", 1), ("email_open", 3), ("download", 10), ("signup", 20), ("demo_request", 30)],
)
def test_each_event_says_which_rule_gave_how_many_points(classic, event, type_, points):
    contributions = given_by(classic, event(type_))

    assert [(c.rule_id, c.points) for c in contributions] == [(type_, points)]


def test_an_unknown_type_gives_nothing_and_no_line_of_explanation(classic, event):
    state = classic.score.evolve(classic.score.initial(), event("carrier.pigeon"))

    assert given_by(classic, event("carrier.pigeon")) == ()
    assert classic.score.breakdown(state, START).score == 0
    assert classic.score.explain(state, START) == ()


def test_no_events_are_no_points(classic):
    assert classic.score.breakdown(classic.score.initial(), START).score == 0


@pytest.mark.parametrize(
    ("idle", "score"),
    [
        (0, 100),
        (6 * DAY, 100),
        (7 * DAY, 100),  # idle for 7 days is not longer than 7 days
        (7 * DAY + 1, 80),
        (8 * DAY - 1, 80),
        (8 * DAY, 64),  # one further whole day
        (9 * DAY - 1, 64),
        (9 * DAY + 12 * HOUR, 51.2),  # two further whole days
        (10 * DAY, 40.96),
    ],
)
def test_idle_longer_than_7_days_takes_a_fifth_and_again_for_each_further_whole_day(
    classic, stream, idle, score
):
    state = evolved(classic, stream(*[("download", START)] * 10))

    assert classic.score.breakdown(state, START + idle).score == pytest.approx(score, abs=1e-12)


def test_a_moment_before_the_last_activity_is_no_silence(classic, stream):
    state = evolved(classic, stream(("download", START)))

    assert classic.score.breakdown(state, START - 30 * DAY).score == 10


def test_what_a_silence_took_stays_taken_when_the_lead_comes_back(classic, stream):
    # Given 20 points, eight silent days (x 0.64) and a page view
    state = evolved(classic, stream(("signup", START), ("page_view", START + 8 * DAY)))

    # Then 12.8 + 1 remain, and the next week takes nothing
    assert classic.score.breakdown(state, START + 8 * DAY).score == pytest.approx(13.8)
    assert classic.score.breakdown(state, START + 15 * DAY).score == pytest.approx(13.8)
    # And the next silence begins at the page view: 13.8 x 0.8
    assert classic.score.breakdown(state, START + 15 * DAY + 1).score == pytest.approx(11.04)


def test_a_silence_of_a_week_between_two_activities_takes_nothing(classic, stream):
    state = evolved(classic, stream(("signup", START), ("page_view", START + 7 * DAY)))

    assert classic.score.breakdown(state, START + 7 * DAY).score == 21


def test_an_activity_without_points_ends_a_silence_too(classic, stream):
    state = evolved(classic, stream(("signup", START), ("carrier.pigeon", START + 6 * DAY)))

    assert classic.score.breakdown(state, START + 13 * DAY).score == 20
    assert classic.score.breakdown(state, START + 13 * DAY + 1).score == pytest.approx(16)


@pytest.mark.parametrize(
    ("our_action", "before", "after"),
    [("sms_sent", 3.0, 1.5), ("rep_reply", 10.0, 5.0)],
)
def test_our_own_actions_may_score_but_end_no_silence(rulebook, stream, our_action, before, after):
    """Half of the points is left after two days of silence, a quarter after three: worked out by hand."""
    rules = rulebook(
        score={
            "model": "points",
            "rules": [
                {"id": "download", "event": "download", "points": 3},
                {"id": "reply", "event": "rep_reply", "points": 7},
            ],
            "idleDecay": {"afterDays": 2, "factor": 0.5},
        },
        contact={"ourActions": ["sms_sent", "rep_reply"]},
        automations=[],
    )
    state = evolved(rules, stream(("download", START), (our_action, START + DAY)))

    assert rules.score.total(state, START + 2 * DAY).score == before
    assert rules.score.total(state, START + 60 * HOUR).score == after
    # And one in the silence is added to what that has left, and halved with it a day later
    later = evolved(
        rules, stream(("download", START), (our_action, START + DAY), ("rep_reply", START + 60 * HOUR))
    )
    assert rules.score.total(later, START + 60 * HOUR).score == after + 7
    assert rules.score.total(later, START + 3 * DAY).score == (after + 7) / 2
    # While an activity ends the silence
    back = evolved(
        rules, stream(("download", START), (our_action, START + DAY), ("download", START + 60 * HOUR))
    )
    assert rules.score.total(back, START + 4 * DAY).score == after + 3


def test_the_parts_say_what_each_rule_gave_how_often_and_when_last(classic, stream):
    # Given two page views and a signup, read when a fifth has decayed
    state = evolved(
        classic, stream(("page_view", START), ("signup", START + HOUR), ("page_view", START + 2 * HOUR))
    )

    signup, views = classic.score.explain(state, START + 2 * HOUR + 7 * DAY + 1)

    assert (signup.rule_id, signup.label, signup.count) == ("signup", "Signed up", 1)
    assert (signup.points, signup.raw_points) == (pytest.approx(16), 20)
    assert (views.rule_id, views.label, views.count) == ("page_view", "Viewed a page", 2)
    assert (views.points, views.raw_points) == (pytest.approx(1.6), 2)
    assert (signup.last_event_at, views.last_event_at) == (START + HOUR, START + 2 * HOUR)


def test_the_largest_effect_comes_first_even_if_it_is_a_loss(rulebook, stream):
    rules = rulebook(
        score={
            "model": "points",
            "rules": [
                {"id": "bounce", "event": "email.bounced", "points": -50},
                {"id": "view", "event": "page_view", "points": 1},
                {"id": "also", "event": "page_view", "points": 1},
            ],
        }
    )
    state = evolved(rules, stream(("page_view", START), ("email.bounced", START)))

    assert [part.rule_id for part in rules.score.explain(state, START)] == ["bounce", "also", "view"]


def test_a_rule_without_a_label_is_explained_by_its_id(rulebook, stream):
    rules = rulebook(score={"model": "points", "rules": [{"id": "v", "event": "page_view", "points": 1}]})

    assert rules.score.explain(evolved(rules, stream(("page_view", START))), START)[0].label == "v"


def test_one_event_may_score_by_several_rules_and_one_rule_take_several_types(rulebook, event):
    rules = rulebook(
        score={
            "model": "points",
            "rules": [
                {"id": "any", "event": ["page_view", "download"], "points": 1},
                {"id": "docs", "event": "download", "points": 4},
            ],
        }
    )

    contributions = given_by(rules, event("download"))

    assert [(c.rule_id, c.points) for c in contributions] == [("any", 1), ("docs", 4)]


def test_without_a_decay_section_points_are_kept_for_ever(rulebook, stream):
    rules = rulebook(score={"model": "points", "rules": [{"id": "v", "event": "page_view", "points": 1}]})

    assert rules.score.breakdown(evolved(rules, stream(("page_view", START))), START + 9_999 * DAY).score == 1


def test_a_silence_of_fifty_years_leaves_nothing_and_breaks_nothing(classic, stream):
    state = evolved(classic, stream(("demo_request", START)))

    assert classic.score.breakdown(state, START + 50 * 365 * DAY).score == pytest.approx(0)


def test_the_state_before_is_left_as_it_was(classic, stream):
    first, second = stream(("signup", START), ("signup", START + 9 * DAY))
    state = classic.score.evolve(classic.score.initial(), first)

    classic.score.evolve(state, second)

    assert classic.score.breakdown(state, START).score == 20


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_any_stream_scores_what_the_specification_says_at_any_moment(classic, streams, reference, data):
    events = in_time_order(reference.activities(data.draw(streams())))
    last = max((event.occurred_at for event in events), default=START)
    as_of = last + data.draw(st.integers(0, 30 * DAY))

    assert classic.score.breakdown(evolved(classic, events), as_of).score == pytest.approx(
        reference.score(events, as_of), abs=1e-9
    )


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_the_parts_sum_to_the_total_and_the_counts_to_the_scoring_events(classic, streams, reference, data):
    events = in_time_order(reference.activities(data.draw(streams())))
    as_of = START + data.draw(st.integers(0, 3_000 * DAY))
    state = evolved(classic, events)

    parts = classic.score.explain(state, as_of)

    assert sum(part.points for part in parts) == pytest.approx(
        classic.score.breakdown(state, as_of).score, abs=1e-9
    )
    counted = Counter(event.type for event in events if event.type != "webinar.attended")
    assert {part.rule_id: part.count for part in parts} == counted


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"rules": []}, "at least 1"),
        ({"rules": [{"id": "a", "event": "x", "points": 1}] * 2}, "two rules have the id 'a'"),
        ({"rules": [{"id": "a b", "event": "x", "points": 1}]}, "pattern"),
        ({"rules": [{"id": "a", "event": [], "points": 1}]}, "at least 1"),
        ({"rules": [{"id": "a", "event": "x", "points": 1_000_001}]}, "1000000"),
        ({"rules": [{"id": "a", "event": "x", "points": float("nan")}]}, "points"),
    ],
)
def test_rules_that_make_no_sense_are_refused(rulebook, section, message):
    with pytest.raises(ValidationError, match=message):
        rulebook(score={"model": "points", **section})


@pytest.mark.parametrize("decay", [{"factor": 0}, {"factor": 1.01}, {"afterDays": -1}, {"afterDays": 0.5}])
def test_a_decay_that_grows_kills_at_once_or_starts_within_a_day_is_refused(rulebook, decay):
    with pytest.raises(ValidationError):
        rulebook(
            score={
                "model": "points",
                "rules": [{"id": "a", "event": "x", "points": 1}],
                "idleDecay": decay,
            }
        )
