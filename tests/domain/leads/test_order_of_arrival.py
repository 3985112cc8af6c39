"""A lead is what the set of its events says: in whatever order, groups and company they are delivered."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.events.event import Event
from domain.leads.fold import fold, in_time_order
from domain.leads.intelligence import intelligence
from domain.leads.late import Start, fold_again, has_late
from domain.leads.state import initial_state
from domain.leads.step import step
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.library import load_rulebook

HOUR = 3_600_000
DAY = 24 * HOUR
START = 20_000 * DAY
RULEBOOKS = {name: compile_rulebook(load_rulebook(name)) for name in ("classic", "standard")}


@pytest.fixture(scope="module", params=RULEBOOKS)
def either(request, streams, standard_streams):
    """A rulebook that ships, and streams of events that it scores."""
    return RULEBOOKS[request.param], streams if request.param == "classic" else standard_streams


@st.composite
def deliveries(draw, streams):
    """Events of one lead at different moments, and the groups in which they arrive: shuffled, and decay runs between."""
    events = draw(streams())
    moments = {event.occurred_at: event for event in events if event.type != "score.decayed"}
    arriving = draw(st.permutations(list(moments.values())))
    first = min(moments, default=START)  # there is no run of the decay job before the lead
    decays = draw(st.lists(st.integers(first, first + 200 * DAY), max_size=4, unique=True))
    arriving = draw(st.permutations([*arriving, *(at for at in decays if at not in moments)]))
    cuts = sorted(draw(st.lists(st.integers(0, len(arriving)), max_size=6)))
    return list(moments.values()), arriving, [0, *cuts, len(arriving)]


def in_groups(arriving, cuts, event):
    """The groups with the positions that the order of arrival gives; a number is a run of the decay job."""
    placed = [
        event("score.decayed", one, position=position, source="lead-engine")
        if isinstance(one, int)
        else msgspec.structs.replace(one, position=position)
        for position, one in enumerate(arriving, 1)
    ]
    return [placed[start:end] for start, end in itertools.pairwise(cuts) if end > start]


def answer(state, as_of, rules):
    """Every field of the answer that does not number arrivals."""
    return msgspec.structs.replace(intelligence(state, as_of, rules), position=0)


def of_events(state):
    """The state but for what counts arrivals and decay runs."""
    return (
        state.score,
        state.velocity,
        state.risk,
        state.contact,
        state.override,
        state.tags,
        state.activities,
    )


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_events_are_delivered_the_answer_is_the_same_in_every_field(either, worker, event, data):
    rules, streams = either
    events, arriving, cuts = data.draw(deliveries(streams))
    groups = in_groups(arriving, cuts, event)

    applied = worker(rules)
    for group in groups:
        applied.take(group)

    if events:
        alone = fold(initial_state("lead-1", rules), events, rules).state
        as_of = max(alone.clock, applied.state.clock) + data.draw(st.integers(0, 120 * DAY))
        assert of_events(applied.state) == of_events(alone)
        assert answer(applied.state, as_of, rules) == answer(alone, as_of, rules)


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_history_is_that_of_a_fold_of_all_events_in_the_order_of_time(either, worker, event, data):
    rules, streams = either
    _, arriving, cuts = data.draw(deliveries(streams))

    applied = worker(rules)
    for group in in_groups(arriving, cuts, event):
        applied.take(group)

    everything = fold(initial_state("lead-1", rules), applied.known, rules)
    assert applied.history == everything.rows
    if applied.state is not None:
        assert applied.state == everything.state
    score, stage = 0.0, rules.stages.lowest
    for row in applied.history:
        gained = sum(given.points for given in row.contributions)
        assert (row.previous_score, row.stage_before) == (score, stage)
        assert row.previous_score + row.decay + gained == pytest.approx(row.new_score, abs=1e-9)
        score, stage = row.new_score, row.stage_after


def tombstone(event):
    """What stands for a retracted event."""
    facts = {"type": "event.discarded", "source": "lead-engine", "properties": {"type": event.type}}
    return msgspec.structs.replace(event, **facts)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_retractions_come_among_events_the_lead_is_that_of_the_events_that_count(
    either, worker, event, data
):
    rules, streams = either
    _, arriving, cuts = data.draw(deliveries(streams))
    applied, original = worker(rules), {}
    position = len(arriving)
    for group in in_groups(arriving, cuts, event):
        applied.take(group)
        original |= {one.position: one for one in group}
        chosen = data.draw(st.lists(st.sampled_from(sorted(original)), max_size=3, unique=True))
        known = {one.position: one for one in applied.known}
        others = [  # retracted, or counting again
            tombstone(original[one]) if known[one] == original[one] else original[one] for one in chosen
        ]
        if others:
            position += 1
            at = max(applied.state.clock, *(one.occurred_at for one in others))
            source = "lead-engine"
            retraction = event("event.retracted", at, position=position, source=source)
            applied.take([retraction], others)

    everything = fold(initial_state("lead-1", rules), applied.known, rules)
    assert applied.history == everything.rows
    if applied.state is not None:
        counting = [one for one in applied.known if one.type not in {"event.discarded", "event.retracted"}]
        alone = fold(initial_state("lead-1", rules), counting, rules).state
        as_of = max(applied.state.clock, alone.clock)
        assert applied.state == everything.state
        assert of_events(applied.state) == of_events(alone)
        found, without = (intelligence(one, as_of, rules) for one in (applied.state, alone))
        assert (found.score, found.reasons, found.velocity, found.risk, found.tags) == (
            without.score,
            without.reasons,
            without.velocity,
            without.risk,
            without.tags,
        )


def in_order_of_arrival(events, rules):
    """The control: a fold that takes events as they come."""
    lead = initial_state("lead-1", rules)
    for one in events:
        lead, _, _ = step(lead, one, rules)
    return fold(lead, [], rules).state


def test_a_fold_in_the_order_of_arrival_is_found_out(stream):
    rules = RULEBOOKS["classic"]
    right = fold(initial_state("lead-1", rules), N7, rules).state
    assert right == fold(initial_state("lead-1", rules), [N7[0], N7[2], N7[1]], rules).state
    wrong = in_order_of_arrival([N7[0], N7[2], N7[1]], rules)
    assert wrong.assessment.score != right.assessment.score


def made(*facts):
    return [
        Event(
            position=position,
            event_id=f"e{position}",
            lead_id="lead-1",
            type=type_,
            occurred_at=at,
            received_at=at,
            source="crm",
            properties=rest[0] if rest else {},
        )
        for position, (type_, at, *rest) in enumerate(facts, 1)
    ]


N7 = made(("download", START), ("page_view", START + 5 * DAY), ("page_view", START + 10 * DAY))


def delivered(worker, rules, events, order):
    """The lead after these events have arrived one by one in another order."""
    applied = worker(rules)
    for position, number in enumerate(order, 1):
        applied.take([msgspec.structs.replace(events[number], position=position)])
    return applied.state


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0), (0, 2, 1)])
def test_a_silence_that_a_late_event_breaks_was_none(worker, order):
    """Worked out by hand: 10 points, then two silences of five days that cost nothing, and 1 point each."""
    state = delivered(worker, RULEBOOKS["classic"], N7, order)

    assert (state.assessment.score, state.assessment.stage) == (12.0, "warm")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1), (2, 1, 0)])
def test_the_stage_is_what_it_was_when_the_events_occurred(worker, order):
    """48.49 points: below the 55 that begin `qualified`, above the 46.75 that end it."""
    events = made(("demo_request", START), ("signup", START + 1), ("page_view", START + 5 * DAY))
    events[1] = msgspec.structs.replace(events[1], occurred_at=START)

    state = delivered(worker, RULEBOOKS["standard"], events, order)

    assert state.assessment.stage == "qualified"
    assert round(state.assessment.score, 2) == 48.49


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize(("types", "tags"), [(("added", "removed"), ()), (("removed", "added"), ("x",))])
def test_the_last_word_on_a_tag_is_the_last_to_be_said(worker, types, tags, order):
    events = made(*((f"tag.{type_}", START + n * DAY, {"tag": "x"}) for n, type_ in enumerate(types)))

    assert delivered(worker, RULEBOOKS["standard"], events, order).tags == tags


def test_sessions_and_active_days_before_all_that_are_remembered_still_count(worker):
    """32 sessions three hours apart and 20 older ones; 80 days in a row of which the first 20 come last."""
    rules = RULEBOOKS["standard"]
    for count, gap in ((52, 3 * HOUR), (100, DAY)):
        events = made(*(("page_view", START + n * gap) for n in range(count)))
        late = delivered(worker, rules, events, (*range(20, count), *range(20)))
        in_order = fold(initial_state("lead-1", rules), events, rules).state
        assert late.velocity == in_order.velocity
        assert late.risk == in_order.risk


def test_a_fold_refuses_late_events_instead_of_miscounting_them():
    rules = RULEBOOKS["classic"]
    state = fold(initial_state("lead-1", rules), N7[1:], rules).state

    assert has_late(state, N7[:1])
    with pytest.raises(ValueError, match="occurred before others"):
        fold(state, N7[:1], rules)
    again = fold_again(state, N7[:1], Start(initial_state("lead-1", rules), N7[1:]), rules)
    assert again.state == fold(initial_state("lead-1", rules), in_time_order(N7), rules).state
