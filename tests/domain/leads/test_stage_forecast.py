"""When a lead will fall a stage if nothing happens: to the minute, and the same as looking at every minute."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from domain.leads.assess import assess
from domain.leads.fold import fold
from domain.leads.stage_forecast import Drop, forecast_drop
from domain.leads.state import initial_state

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 20_000 * DAY


def ladder(hysteresis=0.0, **bounds):
    steps = [{"name": "low"}, *({"name": name, "from": from_} for name, from_ in bounds.items())]
    return {"steps": steps, "hysteresis": hysteresis, "overrideDays": 30}


@pytest.fixture(scope="module")
def rules_with(standard_with):
    """A rulebook with these (event, points, half-life) rules and stages, and nothing else to say."""

    def make(*rules, stages):
        written = [
            {"id": f"rule-{n}", "group": "all", "event": event, "points": points, "halfLifeDays": half_life}
            for n, (event, points, half_life) in enumerate(rules)
        ]
        groups = [{"id": "all", "cap": {"low": -1000, "high": 1000}}]
        return standard_with(
            score={"model": "half-life", "groups": groups, "rules": written},
            stages=stages,
            nextAction=[{"action": "wait"}],
            automations=[],
        )

    return make


def after(rules, events):
    return fold(initial_state("lead-1", rules), events, rules).state


def stage_at(state, at, rules):
    return assess(state, at, rules).stage


def up_to_the_next_minute(at):
    return -(-at // MINUTE) * MINUTE


def test_65_points_with_a_half_life_of_20_days_fall_under_40_on_day_14(rules_with, event):
    rules = rules_with(("visit", 65, 20), stages=ladder(high=40))
    state = after(rules, [event("visit")])

    drop = forecast_drop(state, START, rules)

    exact = 20 * log2(65 / 40)  # 14.0087 days
    assert drop == Drop(up_to_the_next_minute(START + int(exact * DAY)), "low")
    assert round((drop.at - START) / DAY, 1) == 14.0
    assert stage_at(state, drop.at, rules) == "low"
    assert stage_at(state, drop.at - MINUTE, rules) == "high"


def test_with_hysteresis_it_falls_only_15_percent_below(rules_with, event):
    rules = rules_with(("visit", 65, 20), stages=ladder(0.15, high=40))

    drop = forecast_drop(after(rules, [event("visit")]), START, rules)

    assert drop.at == up_to_the_next_minute(START + int(20 * log2(65 / 34) * DAY))


def test_asked_later_the_date_is_the_same_until_that_minute(rules_with, event):
    rules = rules_with(("visit", 65, 20), stages=ladder(high=40))
    state = after(rules, [event("visit")])
    drop = forecast_drop(state, START, rules)

    assert {forecast_drop(state, START + later, rules) for later in (1, HOUR + 1, 14 * DAY)} == {drop}
    assert forecast_drop(state, drop.at - MINUTE, rules) == drop
    assert forecast_drop(state, drop.at, rules) is None


def test_a_lead_in_the_lowest_stage_has_nowhere_to_fall(rules_with, event):
    rules = rules_with(("visit", 39, 20), stages=ladder(high=40))

    assert forecast_drop(after(rules, [event("visit")]), START, rules) is None


def test_points_that_never_fade_keep_a_lead_where_it_is(rules_with, event):
    rules = rules_with(("visit", 65, None), stages=ladder(high=40))

    assert forecast_drop(after(rules, [event("visit")]), START, rules) is None


@pytest.mark.parametrize(("half_life", "falls"), [(1560, True), (1563, True), (1566, False)])
def test_it_looks_three_years_ahead(rules_with, event, half_life, falls):
    # 65 points fall under 40 after 0.7004 half-lives: 1095 days at 1563.3
    rules = rules_with(("visit", 65, half_life), stages=ladder(high=40))

    assert (forecast_drop(after(rules, [event("visit")]), START, rules) is not None) is falls


def test_a_fall_over_several_stages_is_told_one_by_one(rules_with, event):
    rules = rules_with(("visit", 80, 10), stages=ladder(middle=20, high=40))
    state = after(rules, [event("visit")])

    first = forecast_drop(state, START, rules)
    second = forecast_drop(state, first.at, rules)

    # 80 halves to 40 on day 10 and to 20 on day 20; the last bits do not count as a fall
    assert (first.stage, second.stage) == ("middle", "low")
    assert [first.at - START, second.at - START] == [10 * DAY + MINUTE, 20 * DAY + MINUTE]


def test_a_lead_that_recovers_first_falls_when_it_really_does(rules_with, event):
    # 100 with a half-life of 20 days and -60 with one of 2: 40 now, about 73 on day 5, then down
    rules = rules_with(("good", 100, 20), ("bad", -60, 2), stages=ladder(0.15, hot=35))
    state = after(rules, [event("good"), event("bad", position=2)])

    drop = forecast_drop(state, START, rules)

    # The 60 have faded to 0.0003 by then
    assert drop.stage == "low"
    assert drop.at == pytest.approx(START + 20 * log2(100 / (35 * 0.85)) * DAY, abs=2 * MINUTE)


@given(
    facts=st.lists(
        st.tuples(st.sampled_from(("a", "b", "c", "bad")), st.integers(0, 20 * DAY)), min_size=1, max_size=8
    ),
    later=st.integers(0, 3 * DAY),
    hysteresis=st.sampled_from((0.0, 0.15)),
)
@settings(max_examples=40, deadline=None)
def test_it_is_the_first_minute_that_a_look_at_every_minute_finds(
    rules_with, event, facts, later, hysteresis
):
    rules = rules_with(
        *(("a", 30, 3), ("b", 20, 9), ("c", 15, 0.7), ("bad", -15, 30)),
        stages=ladder(hysteresis, warm=10, hot=25, best=60),
    )
    events = [
        event(name, START + at, position=n)
        for n, (name, at) in enumerate(sorted(facts, key=lambda x: x[1]), 1)
    ]
    state = after(rules, events)
    as_of = state.clock + later
    now = stage_at(state, as_of, rules)
    assume(now != "low")

    drop = forecast_drop(state, as_of, rules)

    # Every hour up to the minute of the drop, and every minute of its last two hours
    below = rules.stages.is_below
    end = drop.at - MINUTE + 1
    hours = range(as_of, end, HOUR)
    minutes = range(max(drop.at - 120 * MINUTE, as_of), end, MINUTE)
    assert not any(below(stage_at(state, at, rules), now) for at in (*hours, *minutes))
    assert drop.at > as_of
    assert drop.at % MINUTE == 0
    assert below(stage_at(state, drop.at, rules), now)
    assert stage_at(state, drop.at, rules) == drop.stage


def test_a_stage_set_by_hand_falls_when_it_ends(rules_with, event):
    rules = rules_with(("visit", 20, 20), stages=ladder(warm=10, hot=40))
    set_at = START + DAY + 7
    state = after(
        rules, [event("visit"), event("stage.set", set_at, position=2, properties={"stage": "hot"})]
    )

    # 20 points have become less than 10 by then: from hot to low at once
    assert forecast_drop(state, set_at, rules) == Drop(up_to_the_next_minute(set_at + 30 * DAY), "low")


def test_after_a_stage_set_below_the_natural_one_it_rises_and_falls_only_later(rules_with, event):
    rules = rules_with(("visit", 80, 20), stages=ladder(warm=10, hot=20))
    state = after(
        rules, [event("visit"), event("stage.set", START, position=2, properties={"stage": "warm"})]
    )

    # Hot again from day 30 to 40; under 10 after three half-lives
    drop = forecast_drop(state, START, rules)
    assert (drop.at, drop.stage) == (START + 60 * DAY + MINUTE, "low")


def test_classic_falls_when_the_silence_is_longer_than_a_week(classic, event):
    state = after(classic, [event("demo_request"), event("demo_request", position=2)])

    # 60 points until 7 days to the millisecond; 48 after that
    assert forecast_drop(state, START, classic) == Drop(START + 7 * DAY + MINUTE, "hot")
