"""What would have fired on a lead's history: once per period, by events and by the passing of time."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from domain.automations.automation import AutomationSection
from domain.events.event import Event
from domain.instant import DAY, HOUR
from domain.leads.fold import fold
from domain.leads.state import initial_state
from domain.leads.time_changes import changes_by_time
from domain.rule_lab.simulation import Window, counts_action, simulate
from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from tests.workflows.rule_lab.conftest import rules

START = 1_700_000_000_000 // DAY * DAY


def event(position, kind, at, *, late=0, source=""):
    return Event(
        position=position,
        event_id=f"e-{position}",
        lead_id="ada",
        type=kind,
        occurred_at=at,
        received_at=at + late,
        source=source,
    )


@pytest.fixture
def mine():
    return compile_rulebook(rules())


def alerts(events, rulebook, since=START, at=START + 90 * DAY):
    return Counter(one.rule_id for one in simulate("ada", events, rulebook, Window(since, at)).alerts)


def test_an_automation_fires_once_per_period_and_within_the_window_only(mine):
    events = [event(n + 1, "demo_request", START + n * HOUR) for n in range(3)]
    assert alerts(events, mine) == {"call": 1, "quiet": 1}
    assert alerts(events, mine, since=START + 2 * DAY) == {"quiet": 1}
    assert alerts(events, mine, at=START + 4 * DAY) == {"call": 1}


def test_an_event_that_came_too_late_fires_nothing(mine):
    assert alerts([event(1, "demo_request", START, late=4 * DAY)], mine)["call"] == 0


def test_time_that_was_recorded_for_other_rules_makes_no_difference(mine):
    events = [event(1, "demo_request", START), event(3, "page_view", START + 40 * DAY)]
    recorded = event(2, "score.decayed", START + 7 * DAY, source="lead-engine")
    assert alerts([*events, recorded], mine) == alerts(events, mine)
    window = Window(START, START + 90 * DAY)
    with_it, without = (simulate("ada", found, mine, window).state for found in ([*events, recorded], events))
    assert (with_it.score, with_it.assessment.stage) == (without.score, without.assessment.stage)


def test_it_fires_what_the_live_fold_fires_with_time_recorded_as_it_passes():
    rulebook = compile_rulebook(built_in("standard"))
    kinds = ["page_view", "demo_request", "email.clicked", "page_view", "download", "demo_request", "signup"]
    events = [event(n + 1, kind, START + n * n * DAY) for n, kind in enumerate(kinds)]
    state, fired, position = initial_state("ada", rulebook), [], 0
    for at in [
        *(one.occurred_at for one in events),
        START + 90 * DAY,
    ]:  # time is recorded just before each event
        for moment in changes_by_time(state, at - 1, rulebook) if state.position else ():
            folded = fold(state, [event(position, "score.decayed", moment, source="lead-engine")], rulebook)
            state, fired = folded.state, [*fired, *folded.firings]
        if events and (now := [one for one in events if one.occurred_at == at]):
            position += 1
            folded = fold(state, now, rulebook)
            state, fired = folded.state, [*fired, *folded.firings]
    live = Counter(rule for rule, _ in {(one.rule_id, one.date_bucket) for one in fired})
    assert alerts(events, rulebook) == live
    assert live.total() > 2


def with_automations(rulebook, *more):
    added = [AutomationSection.model_validate(one) for one in more]
    return compile_rulebook(rulebook.model_copy(update={"automations": (*rulebook.automations, *added)}))


PACE = {"id": "pace", "trigger": {"velocityAbove": 1000}, "action": {"type": "tag", "tag": "busy"}}
"""Never fires, and compares what an action depends on: with it every change by time is folded."""


def test_alerts_are_the_same_whether_or_not_changes_of_the_action_alone_are_folded():
    lean = compile_rulebook(built_in("standard"))
    whole = with_automations(built_in("standard"), PACE)
    assert (counts_action(lean), counts_action(whole)) == (False, True)
    window, random, found = Window(START, START + 200 * DAY), Random(11), 0
    kinds = [
        *["page_view"] * 6,
        "download",
        "signup",
        "demo_request",
        "email_bounced",
        "deal.lost",
        "stage.set",
    ]
    for _ in range(40):
        times = sorted(START + round(random.random() * 190 * DAY) for _ in range(random.randint(1, 30)))
        events = [event(n + 1, random.choice(kinds), at) for n, at in enumerate(times)]
        few, many = (simulate("ada", events, rulebook, window) for rulebook in (lean, whole))
        assert few.alerts == many.alerts
        assert few.state.score == many.state.score
        found += len(few.alerts)
    assert found > 30


def test_each_change_within_the_window_fires_however_long_ago_it_is():
    left = {"id": "left", "trigger": {"stageLeft": ["hot"]}, "action": {"type": "tag", "tag": "left"}}
    rulebook = with_automations(rules(), left)
    window = Window(START, START + 300 * DAY)
    (fell,) = [
        one
        for one in simulate("ada", [event(1, "demo_request", START)], rulebook, window).alerts
        if one.rule_id == "left"
    ]
    # 30 points with a half-life of 20 days are 20 after 11.7 days; warm is left after 46
    assert START + 11 * DAY < fell.occurred_at < START + 12 * DAY
