"""Properties of the fold under `standard` for any stream, however late, shuffled, split or interspersed."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.automations.firing import firings
from domain.leads.assess import assess
from domain.leads.change import change_by
from domain.leads.fold import evolve, fold, in_time_order
from domain.leads.intelligence import intelligence
from domain.leads.state import initial_state

MINUTE = 60_000
DAY = 86_400_000
START = 20_000 * DAY


def bits(value):
    """The exact value: unlike ==, this distinguishes 0.0 from -0.0."""
    return msgspec.json.encode(value)


def gained(row):
    return sum(contribution.points for contribution in row.contributions)


def settled(stage, score):
    """The natural stage of a lead that was in `stage`: up at 15, 35, 55, down 15 % below."""
    steps = [("cold", float("-inf")), ("warm", 15), ("hot", 35), ("qualified", 55)]
    rank = [name for name, _ in steps].index(stage)
    while rank < 3 and score >= steps[rank + 1][1] - 1e-9:
        rank += 1
    while score < steps[rank][1] * 0.85 - 1e-9:
        rank -= 1
    return steps[rank][0]


TRIGGERS = (
    *(
        {"stageEntered": "hot"},
        {"stageLeft": "hot"},
        {"event": "email_open"},
        {"velocityAbove": 1.5},
        {"surge": True},
    ),
    *(
        {"riskEntered": ["medium", "high"]},
        {"nextAction": "monitor"},
        {"quietForDays": 3},
        {"dropWithinDays": 5},
    ),
)


@pytest.fixture(scope="module")
def with_every_trigger(standard_with):
    """`standard` with an automation of each kind of trigger, in any stage and for warm leads only."""
    return standard_with(
        automations=[
            {
                "id": f"rule-{number}-{name}",
                "trigger": trigger,
                "when": when,
                "action": {"type": "tag", "tag": "x"},
            }
            for number, trigger in enumerate(TRIGGERS)
            for name, when in (("any", {}), ("warm", {"stage": ["warm"]}))
        ]
    )


@given(data=st.data())
@settings(max_examples=150, deadline=None)
def test_what_the_fold_does_not_look_into_would_not_have_fired(with_every_trigger, standard_streams, data):
    rules, events = with_every_trigger, data.draw(standard_streams())

    # When every automation is asked about every event, with everything measured
    state, asked = initial_state("lead-1", rules), ()
    for event in in_time_order(events):
        after, _ = evolve(state, event, rules)
        asked += firings(rules.automations.rules, change_by(event, state, after, rules))
        state = after

    assert fold(initial_state("lead-1", rules), events, rules).firings == asked


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_folding_in_any_batches_gives_the_same_bits_as_folding_at_once(
    standard, standard_streams, worker, data
):
    events = data.draw(standard_streams())
    cuts = sorted(data.draw(st.lists(st.integers(0, len(events)), max_size=5)))

    # When the state is stored and read back between the batches, as a worker does
    applied = worker(standard)
    for start, end in zip([0, *cuts], [*cuts, len(events)], strict=True):
        applied.take(events[start:end])

    at_once = fold(initial_state("lead-1", standard), events, standard)
    assert bits(applied.state) == bits(at_once.state)
    assert bits(applied.history) == bits(at_once.rows)


@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_every_row_adds_up_to_the_score_of_all_events_so_far_and_follows_the_one_before(
    standard, standard_sections, standard_streams, half_life_reference, data
):
    events = data.draw(standard_streams(max_size=15))
    reference, ordered = half_life_reference(standard_sections["score"]), in_time_order(events)

    previous, stage, total = 0.0, "cold", 0.0
    for count, row in enumerate(fold(initial_state("lead-1", standard), events, standard).rows, 1):
        seen = ordered[:count]
        assert (row.at, row.position) == (seen[-1].occurred_at, seen[-1].position)
        assert (row.previous_score, row.stage_before) == (previous, stage)
        assert row.previous_score + row.decay + gained(row) == pytest.approx(row.new_score, abs=1e-9)
        assert row.new_score == pytest.approx(reference.score(seen, row.at), abs=1e-9)
        previous, stage, total = row.new_score, row.stage_after, total + row.decay + gained(row)
        assert total == pytest.approx(row.new_score, abs=1e-9)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_the_stage_is_the_one_set_by_hand_or_what_the_scores_lead_to(
    standard, standard_sections, standard_streams, half_life_reference, data
):
    """With gains only; `test_passage.py` has what losses that fade make of a stage."""
    losses = {name for rule in standard.document.score.rules if rule.points < 0 for name in rule.event}
    events = [one for one in data.draw(standard_streams(max_size=12)) if one.type not in losses]
    reference, ordered = half_life_reference(standard_sections["score"]), in_time_order(events)
    natural = "cold"
    for count, row in enumerate(fold(initial_state("lead-1", standard), events, standard).rows, 1):
        for seen in (ordered[: count - 1], ordered[:count]):
            natural = settled(natural, reference.score(seen, row.at))
        said = [
            one
            for one in ordered[:count]
            if one.type == "stage.cleared" or one.properties.get("stage") in standard.stages.names
        ]
        held = said and said[-1].type == "stage.set" and row.at < said[-1].occurred_at + 30 * DAY
        assert row.stage_after == (said[-1].properties["stage"] if held else natural)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_what_is_stored_is_what_a_read_at_that_moment_says(standard, standard_streams, data):
    state = fold(initial_state("lead-1", standard), data.draw(standard_streams()), standard).state

    if state.position:
        assert bits(assess(state, state.clock, standard)) == bits(state.assessment)


@given(data=st.data())
@settings(max_examples=80, deadline=None)
def test_however_often_the_decay_job_ran_the_score_is_the_same_afterwards(
    standard, event, standard_streams, data
):
    events = [one for one in data.draw(standard_streams(late=False)) if one.type != "score.decayed"]
    last = max((one.occurred_at for one in events), default=START)
    moments = data.draw(st.lists(st.integers(START, last + 20 * DAY), max_size=8))
    decays = [event("score.decayed", at, source="lead-engine") for at in moments]
    merged = [
        msgspec.structs.replace(one, position=position)
        for position, one in enumerate(sorted(events + decays, key=lambda one: one.received_at), 1)
    ]

    one, other = (fold(initial_state("lead-1", standard), them, standard).state for them in (events, merged))

    assert bits((one.score, one.velocity, one.risk, one.contact, one.override)) == bits(
        (other.score, other.velocity, other.risk, other.contact, other.override)
    )
    as_of = max(one.clock, other.clock) + data.draw(st.integers(0, 20 * DAY))
    now, then = assess(one, as_of, standard), assess(other, as_of, standard)
    assert (bits(now.score), now.velocity, now.risk) == (bits(then.score), then.velocity, then.risk)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_with_gains_only_the_decay_job_does_not_even_change_a_stage(standard, event, standard_streams, data):
    losses = {name for rule in standard.document.score.rules if rule.points < 0 for name in rule.event}
    events = [
        one
        for one in data.draw(standard_streams(late=False))
        if one.type not in {"score.decayed", "lead.updated", *losses}
    ]
    decays = [
        event("score.decayed", one.occurred_at - later, source="lead-engine", event_id="decay")
        for one in events
        for later in data.draw(st.lists(st.integers(1, 10 * DAY), max_size=2))
        if one.occurred_at - later > START
    ]
    merged = [
        msgspec.structs.replace(one, position=position)
        for position, one in enumerate(sorted(events + decays, key=lambda one: one.received_at), 1)
    ]

    one, other = (fold(initial_state("lead-1", standard), them, standard) for them in (events, merged))

    assert bits(assess(one.state, one.state.clock, standard)) == bits(
        assess(other.state, one.state.clock, standard)
    )
    stages = {row.event_id: row.stage_after for row in other.rows}
    assert all(stages[row.event_id] == row.stage_after for row in one.rows)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_the_reasons_sum_to_the_score_in_hundredths_at_any_later_moment(standard, standard_streams, data):
    state = fold(initial_state("lead-1", standard), data.draw(standard_streams()), standard).state
    as_of = state.clock + data.draw(st.integers(0, 60 * DAY))

    now = intelligence(state, as_of, standard)

    assert sum(Decimal(repr(reason.points)) for reason in now.reasons) == Decimal(repr(now.score))
    assert 0 <= now.score <= 100
    assert now.details.stage_since <= as_of
    assert now.details.drop is None or now.details.drop.at > as_of


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_stage_that_time_brought_is_dated_from_when_it_did(standard, standard_streams, data):
    state = fold(initial_state("lead-1", standard), data.draw(standard_streams()), standard).state
    as_of = state.clock + data.draw(st.integers(0, 60 * DAY))

    now = intelligence(state, as_of, standard)

    since = now.details.stage_since
    assert assess(state, max(since, state.clock), standard).stage == now.stage
    if since > state.clock:
        assert assess(state, since - 1, standard).stage != now.stage


def test_a_state_stays_small_however_long_and_varied_the_stream(standard, event):
    types = sorted({name for rule in standard.document.score.rules for name in rule.event})
    events = [
        event(
            types[number % len(types)] if number % 3 else "tag.added",
            START + number * 3_600_000,
            position=number,
            properties={"asset": f"asset-{number}", "tag": f"tag-{number}", "noise": "x" * 1_000},
        )
        for number in range(1, 4_000)
    ]

    assert len(bits(fold(initial_state("lead-1", standard), events, standard).state)) < 60_000
