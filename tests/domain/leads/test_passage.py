"""Stages between events: each crossing of a line counts when it happens, whether or not anybody looks."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.instant import DAY, from_datetime
from domain.leads.assess import assess
from domain.leads.fold import fold
from domain.leads.intelligence import intelligence
from domain.leads.passage import pass_time, stage_changes
from domain.leads.state import initial_state
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.library import load_rulebook

STANDARD = compile_rulebook(load_rulebook("standard"))
START = 20_000 * DAY
LOST = from_datetime(datetime(2026, 10, 1, 6, 12, 39, tzinfo=UTC))


@pytest.fixture(scope="module")
def make(event):
    """Folds (type, at) and (type, at, properties)."""

    def folded(facts, rules=STANDARD):
        events = [
            event(type_, at, position=position, source="crm", properties=rest[0] if rest else {})
            for position, (type_, at, *rest) in enumerate(facts, 1)
        ]
        return fold(initial_state("lead-1", rules), events, rules).state

    return folded


@pytest.fixture(scope="module")
def busy_then_lost(make):
    """Sixty days of everything, five unanswered calls, and a deal that is lost: the losses fade faster than caps allow."""
    facts = []
    for day in range(60, 0, -1):
        at = LOST - day * DAY
        facts += [("form_submitted", at), ("download", at, {"asset": f"a{day}"}), ("demo_request", at)]
        if day <= 5:
            facts.append(("call_unanswered", at))
    return make([*facts, ("deal.lost", LOST)])


def looked_at(state, until, step=10 * 60_000):
    """Each change of the stage that somebody sees who looks every ten minutes: hot from 35 on, until below 29.75 ..."""
    lines, stage, seen = (15, 35, 55), state.assessment.stage, []
    names = ("cold", "warm", "hot", "qualified")
    for at in range(state.clock, until, step):
        score, rank = STANDARD.score.total(state.score, at).score, names.index(stage)
        while rank < 3 and score >= lines[rank]:
            rank += 1
        while rank > 0 and score < lines[rank - 1] * 0.85:
            rank -= 1
        if names[rank] != stage:
            stage = names[rank]
            seen.append((at, stage))
    return seen


def test_a_score_that_rises_between_events_enters_the_stage_it_reaches(busy_then_lost):
    """It rises from 15 to 46 points and falls again: in `hot` from 35 on until it is below 29.75."""
    found = list(stage_changes(busy_then_lost, LOST, LOST + 130 * DAY, STANDARD))

    seen = looked_at(busy_then_lost, LOST + 130 * DAY)
    assert [stage for _, stage in found] == [stage for _, stage in seen] == ["hot", "warm", "cold"]
    for (exact, _), (at, _) in zip(found, seen, strict=True):
        assert at - 10 * 60_000 < exact <= at


def test_since_when_and_until_when_are_the_moments_of_the_crossings(busy_then_lost):
    hot, warm, _ = list(stage_changes(busy_then_lost, LOST, LOST + 400 * DAY, STANDARD))
    found = intelligence(busy_then_lost, LOST + 100 * DAY, STANDARD)

    assert (found.stage, found.details.stage_since) == ("hot", hot[0])
    assert (found.details.drop.stage, found.details.drop.at) == ("warm", -(-warm[0] // 60_000) * 60_000)
    # At 34 points it would not enter `hot`, but it came from there
    assert 29.75 < found.score < 35


def test_every_change_of_the_stage_is_found_to_the_millisecond(busy_then_lost):
    changes = list(stage_changes(busy_then_lost, LOST, LOST + 400 * DAY, STANDARD))

    assert [stage for _, stage in changes] == ["hot", "warm", "cold"]
    for at, stage in changes:
        assert assess(busy_then_lost, at, STANDARD).stage == stage
        assert assess(busy_then_lost, at - 1, STANDARD).stage != stage


def test_a_lead_that_falls_in_silence_says_when_it_fell(make):
    """35 points fall below 29.75 after 21 x log2(35 / 29.75) days, however the lead came there."""
    state = make([("demo_request", START), ("lead.updated", START + 6 * DAY, {"companySize": None})])

    since = intelligence(state, START + 8 * DAY, STANDARD).details.stage_since
    assert (since - START) / DAY == pytest.approx(4.9237, abs=1e-4)
    assert since == state.stage_since


def test_a_stage_set_by_hand_ends_at_its_moment_and_the_score_has_gone_on_meanwhile(make):
    state = make(
        [
            ("demo_request", START),
            ("stage.set", START + DAY, {"stage": "qualified", "by": "ann"}),
            ("lead.updated", START + 40 * DAY, {"companySize": None}),
        ]
    )

    assert state.assessment.stage == "cold"
    changes = list(stage_changes(make([("demo_request", START)]), START, START + 60 * DAY, STANDARD))
    fell = {stage: at for at, stage in changes}
    assert state.stage_since == max(START + 31 * DAY, fell["cold"])


def test_a_stage_set_by_hand_that_is_the_natural_one_ends_without_a_change(make):
    state = make([("demo_request", START), ("stage.set", START + DAY, {"stage": "cold", "by": "ann"})])

    passage = pass_time(state, START + 60 * DAY, STANDARD)
    assert (passage.stage, passage.since) == ("cold", START + DAY)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_however_a_span_of_time_is_divided_the_stage_at_its_end_is_the_same(make, event, data):
    """With losses, which fade too, so that the score rises and falls by itself."""
    types = st.sampled_from(("demo_request", "download", "deal.lost", "call_unanswered", "email_bounced"))
    facts = data.draw(st.lists(st.tuples(types, st.integers(0, 30 * DAY)), min_size=1, max_size=12))
    facts = [(type_, START + at, {"asset": str(at)}) for type_, at in facts]
    looks = data.draw(st.lists(st.integers(30 * DAY, 150 * DAY), max_size=6))

    alone = make(facts)
    looked_at = make([*facts, *(("lead.updated", START + at) for at in looks)])

    at = START + data.draw(st.integers(150 * DAY, 200 * DAY))
    assert pass_time(alone, at, STANDARD) == pass_time(looked_at, at, STANDARD)
