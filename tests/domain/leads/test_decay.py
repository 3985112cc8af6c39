"""When the passing of time alone is worth an event."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events.vocabulary import SCORE_DECAYED
from domain.leads.assess import assess
from domain.leads.decay import decay_event_id, is_worth_recording
from domain.leads.fold import fold
from domain.leads.state import initial_state

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY

ONE_STAGE = {"steps": [{"name": "lead"}]}
NO_RISK = {"model": "silence", "mediumAfterDays": 9_000, "highAfterDays": 9_000}
ONE_ACTION = [{"action": "wait"}]


@pytest.fixture(scope="module")
def only_points(rulebook):
    """Classic points, and nothing else that time could change."""
    return rulebook(stages=ONE_STAGE, risk=NO_RISK, nextAction=ONE_ACTION, automations=[])


@pytest.mark.parametrize(
    ("views", "worth"),
    [
        (4, False),  # 4 -> 3.2
        (5, True),  # 5 -> 4, exactly one point
        (6, True),  # 6 -> 4.8
    ],
)
def test_a_score_must_have_moved_by_the_smallest_step_or_more(only_points, folded, stream, views, worth):
    state = folded(stream(*[("page_view", START)] * views), only_points).state

    assert is_worth_recording(state, START + 7 * DAY + 1, only_points) is worth


def test_the_smallest_step_is_the_rulebooks(rulebook, folded, stream):
    rules = rulebook(stages=ONE_STAGE, risk=NO_RISK, nextAction=ONE_ACTION, automations=[], decayMinDelta=0.5)

    def worth(views):
        state = folded(stream(*[("page_view", START)] * views), rules).state
        return is_worth_recording(state, START + 7 * DAY + 1, rules)

    assert not worth(2)  # 2 -> 1.6
    assert worth(3)  # 3 -> 2.4


def test_small_steps_add_up_until_they_are_worth_it(only_points, folded, stream):
    # Given 4 points: 3.2 after a week, 2.56 a day later
    state = folded(stream(*[("page_view", START)] * 4), only_points).state

    assert not is_worth_recording(state, START + 8 * DAY - 1, only_points)
    assert is_worth_recording(state, START + 8 * DAY, only_points)


def test_a_week_in_which_nothing_changes_is_not_worth_a_word(only_points, folded, stream):
    state = folded(stream(("demo_request", START)), only_points).state

    assert not is_worth_recording(state, START + 7 * DAY, only_points)


def test_a_change_of_risk_alone_is_worth_it(rulebook, folded, stream):
    rules = rulebook(stages=ONE_STAGE, nextAction=ONE_ACTION, automations=[], decayMinDelta=1_000)
    state = folded(stream(("page_view", START)), rules).state

    assert not is_worth_recording(state, START + 3 * DAY, rules)
    assert is_worth_recording(state, START + 3 * DAY + 1, rules)


def test_a_change_of_stage_alone_is_worth_it(rulebook, folded, stream):
    rules = rulebook(
        stages={"steps": [{"name": "cold"}, {"name": "warm", "from": 20}]},
        risk=NO_RISK,
        nextAction=ONE_ACTION,
        automations=[],
        decayMinDelta=1_000,
    )
    state = folded(stream(("signup", START)), rules).state

    assert not is_worth_recording(state, START + 7 * DAY, rules)
    assert is_worth_recording(state, START + 7 * DAY + 1, rules)


def test_a_change_of_the_next_action_alone_is_worth_it(classic, folded, stream):
    # Given a hot and busy lead, 33 points with velocity 9, whose score and risk stay as they are for three days
    state = folded(stream(("demo_request", START), ("page_view", START), ("page_view", START))).state
    assert state.assessment.next_action == "prioritize_contact"

    # Then it is worth a word that a day later the advice is another
    assert not is_worth_recording(state, START + DAY - 1, classic)
    assert is_worth_recording(state, START + DAY, classic)


def test_what_was_written_down_is_not_worth_writing_again(classic, folded, stream):
    events = stream(("demo_request", START), (SCORE_DECAYED, START + 9 * DAY, "lead-engine"))
    state = folded(events).state

    assert not is_worth_recording(state, START + 10 * DAY - 1, classic)
    assert is_worth_recording(state, START + 10 * DAY, classic)  # 30 x 0.512 -> 30 x 0.4096


@pytest.mark.parametrize("ago", [0, 1, DAY])
def test_nothing_is_worth_writing_at_or_before_the_clock_of_the_lead(classic, folded, stream, ago):
    state = folded(stream(("demo_request", START), ("lead.updated", START + 9 * DAY))).state

    assert not is_worth_recording(state, START + 9 * DAY - ago, classic)


@given(data=st.data())
@settings(max_examples=200, deadline=None)
def test_it_is_worth_writing_when_and_only_when_a_whole_reading_would_say_so(
    standard, standard_streams, data
):
    events = data.draw(standard_streams().filter(bool))
    state = fold(initial_state("lead-1", standard), events, standard).state
    later = state.clock + data.draw(st.integers(1, 40 * DAY))
    last, now = state.assessment, assess(state, later, standard)

    moved = abs(now.score - last.score) >= standard.decay_min_delta
    other = (now.stage, now.risk, now.next_action) != (last.stage, last.risk, last.next_action)

    assert is_worth_recording(state, later, standard) is (moved or other)


def test_the_idempotency_key_is_one_per_lead_and_utc_day():
    assert decay_event_id("lead-1", START) == "decay:lead-1:2024-10-04"
    assert decay_event_id("lead-1", START + DAY - 1) == "decay:lead-1:2024-10-04"
    assert decay_event_id("lead-1", START + DAY) == "decay:lead-1:2024-10-05"
    assert decay_event_id("lead-2", START) == "decay:lead-2:2024-10-04"


def test_a_lead_whose_id_has_colons_keeps_an_id_of_its_own():
    assert decay_event_id("a:2024-10-04", START) != decay_event_id("a", START)
