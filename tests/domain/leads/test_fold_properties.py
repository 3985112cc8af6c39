"""Properties of the fold for any stream of events, however late, shuffled, split or interspersed."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.leads.assess import assess
from domain.leads.fold import refold
from domain.leads.state import LeadState

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY


def bits(value):
    """The exact value: unlike ==, this distinguishes 0.0 from -0.0."""
    return msgspec.json.encode(value)


def gained(row):
    return sum(contribution.points for contribution in row.contributions)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_folding_in_any_batches_gives_the_same_bits_as_folding_at_once(
    classic, streams, folded, worker, data
):
    events = data.draw(streams())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=5)))

    # When the state is stored and read back between the batches, as a worker does
    applied = worker(classic)
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        applied.take(events[start:end])

    at_once = folded(events)
    assert bits(applied.state) == bits(at_once.state)
    assert bits(applied.history) == bits(at_once.rows)


@given(data=st.data())
@settings(max_examples=50, deadline=None)
def test_folding_again_without_firings_gives_the_same_bits_in_any_batches(classic, streams, folded, data):
    events = data.draw(streams())
    ordered = sorted(events, key=lambda event: (event.occurred_at, event.position))
    cut = data.draw(st.integers(0, len(ordered)))
    first = refold(folded([]).state, ordered[:cut], classic)
    second = refold(first.state, ordered[cut:], classic)

    at_once = folded(events)
    assert bits(second.state) == bits(at_once.state)
    assert bits(first.rows + second.rows) == bits(at_once.rows)
    assert first.firings + second.firings == ()


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_at_every_event_the_row_is_what_the_specification_says(streams, folded, reference, data):
    events = data.draw(streams(max_size=15))

    ordered = sorted(events, key=lambda event: event.occurred_at)
    for count, row in enumerate(folded(events).rows, 1):
        seen = ordered[:count]
        assert row.at == seen[-1].occurred_at
        assert row.new_score == pytest.approx(reference.score(seen, row.at), abs=1e-9)
        assert row.stage_after == reference.stage(seen, row.at)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_at_any_later_moment_the_reading_is_what_the_specification_says(
    classic, streams, folded, reference, data
):
    events = data.draw(streams())
    as_of = max((event.occurred_at for event in events), default=START) + data.draw(st.integers(0, 20 * DAY))

    assessment = assess(folded(events).state, as_of, classic)

    assert assessment.score == pytest.approx(reference.score(events, as_of), abs=1e-9)
    assert assessment.stage == reference.stage(events, as_of)
    assert assessment.velocity == reference.velocity(events, as_of)
    assert assessment.risk == reference.risk(events, as_of)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_every_row_adds_up_and_follows_the_one_before(streams, folded, data):
    previous, stage = 0.0, "cold"
    for row in folded(data.draw(streams())).rows:
        assert row.previous_score == previous
        assert row.stage_before == stage
        assert row.previous_score + row.decay + gained(row) == pytest.approx(row.new_score, abs=1e-9)
        previous, stage = row.new_score, row.stage_after


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_the_score_is_the_sum_of_its_history(streams, folded, data):
    after = folded(data.draw(streams()))

    total = sum(row.decay + gained(row) for row in after.rows)

    assert total == pytest.approx(after.state.assessment.score, abs=1e-9)


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_is_stored_is_what_a_read_at_that_moment_says(classic, streams, folded, data):
    state = folded(data.draw(streams())).state

    now = assess(state, state.clock, classic)

    assert now.score == pytest.approx(state.assessment.score, abs=1e-9)
    if state.position:
        assert msgspec.structs.replace(now, score=0) == msgspec.structs.replace(state.assessment, score=0)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_bookkeeping_and_the_engines_own_events_change_neither_score_nor_velocity_nor_risk(
    classic, streams, folded, reference, data
):
    events = data.draw(streams())

    with_them, without = folded(events).state, folded(reference.activities(events)).state

    assert bits((with_them.score, with_them.velocity, with_them.risk)) == bits(
        (without.score, without.velocity, without.risk)
    )
    as_of = with_them.clock + data.draw(st.integers(0, 20 * DAY))
    one, other = assess(with_them, as_of, classic), assess(without, as_of, classic)
    assert bits(one) == bits(other)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_however_often_the_decay_job_ran_the_score_is_the_same_afterwards(
    classic, event, streams, folded, data
):
    # Given a stream, and the same stream with the decay job between any of its events
    events = data.draw(streams(late=False))
    last = max((one.occurred_at for one in events), default=START)
    moments = data.draw(st.lists(st.integers(START, last + 20 * DAY), max_size=10))
    decays = [event("score.decayed", at, source="lead-engine") for at in moments]
    merged = [
        msgspec.structs.replace(one, position=position)
        for position, one in enumerate(sorted(events + decays, key=lambda one: one.received_at), 1)
    ]

    one, other = folded(events).state, folded(merged).state

    as_of = max(one.clock, other.clock) + data.draw(st.integers(0, 20 * DAY))
    assert bits(assess(one, as_of, classic)) == bits(assess(other, as_of, classic))


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_position_and_clock_only_go_forward(classic, streams, worker, data):
    applied, position, clock = worker(classic), 0, 0

    for event in data.draw(streams()):
        after = applied.take([event]).state
        assert after.position == event.position > position
        assert after.clock == max(clock, event.occurred_at)
        position, clock = after.position, after.clock


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_without_activity_the_score_and_the_stage_never_rise(classic, streams, folded, data):
    state = folded(data.draw(streams())).state
    moments = sorted(data.draw(st.lists(st.integers(0, 60 * DAY), min_size=2, max_size=8)))

    readings = [assess(state, state.clock + moment, classic) for moment in moments]

    scores = [assessment.score for assessment in readings]
    stages = [classic.stages.names.index(assessment.stage) for assessment in readings]
    assert scores == sorted(scores, reverse=True)
    assert stages == sorted(stages, reverse=True)
    assert scores[-1] >= 0


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_a_state_survives_being_stored_bit_for_bit(streams, folded, data):
    state = folded(data.draw(streams())).state

    plain = msgspec.convert(msgspec.to_builtins(state), LeadState)
    through_json = msgspec.json.decode(msgspec.json.encode(state), type=LeadState)

    assert plain == through_json == state
    assert bits(plain) == bits(through_json) == bits(state)


@given(seed=st.randoms(use_true_random=False), size=st.integers(800, 1500))
@settings(max_examples=5, deadline=None)
def test_a_state_stays_small_however_long_the_stream(event, folded, seed, size):
    # Given a busy lead of many types and tags, everything within the window that velocity remembers
    events = [
        event(
            seed.choice(("page_view", "email_open", "download", f"type.{n}", "tag.added")),
            START + seed.randrange(DAY),
            position=n,
            properties={"tag": f"tag-{n}", "noise": "x" * 1000},
        )
        for n in range(1, size)
    ]

    # Then 200 moments, 5 rules and 50 tags fit into 6 KB
    assert len(bits(folded(events).state)) < 6_000
