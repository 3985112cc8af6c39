"""Automations fire when a lead changes: at most once per period, filled in with the lead's own facts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.automations.automation import AutomationSection
from domain.automations.automations import compile_automations
from domain.automations.firing import firings
from domain.automations.trigger import LeadChange
from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OutcomeRules
from domain.instant import from_datetime

HOUR = 3_600_000

DAY = 24 * HOUR

START = 20_000 * DAY

STAGES = ("cold", "warm", "hot", "qualified")

TASK = {"type": "task", "title": "Call"}

PERIODS = ("hour", "day", "week", "once")


def rule(trigger, **rest):
    return AutomationSection.model_validate(
        {"id": "rule", "trigger": trigger, "action": TASK, **rest}
    ).compile(STAGES)


def lead(stage="cold", score=0.0, velocity=0.0, risk="low", next_action="monitor"):
    return Assessment(START, score, stage, velocity, risk, next_action=next_action)


def fired(automation, before, after, event):
    return bool(firings((automation,), LeadChange(event, before, after)))


def test_a_disabled_rule_never_fires(event):
    written = {"id": "rule", "trigger": {"event": "page_view"}, "action": TASK, "enabled": False}
    automations = compile_automations([AutomationSection.model_validate(written)], ["cold"], OutcomeRules())

    assert firings(automations.rules, LeadChange(event(), lead(), lead())) == ()
    assert not automations.may_trigger("page_view", "cold", "cold")


@pytest.mark.parametrize(("score", "fires"), [(49.99, False), (50, True), (51, True)])
def test_min_score_is_tested_on_the_score_after_the_event(event, score, fires):
    automation = rule({"event": "page_view"}, minScore=50)

    assert fired(automation, lead(score=100), lead(score=score), event()) is fires


def test_the_order_of_events_does_not_decide_whether_min_score_is_reached(rulebook, folded, stream):
    # Given three events that are worth exactly 1 together, in any order, and a rule from 1 point on
    rules = rulebook(
        score={
            "model": "points",
            "rules": [
                {"id": name, "event": name, "points": points}
                for name, points in (("a", 0.1), ("b", 0.2), ("c", 0.7))
            ],
        },
        automations=[{"id": "rule", "trigger": {"event": "ask"}, "minScore": 1, "action": TASK}],
    )

    # When they arrive in two orders, which differ in the last bit of their sum
    one, other = (
        folded(stream(*((type_, START) for type_ in (*order, "ask"))), rules).firings
        for order in ("abc", "bca")
    )

    # Then the rule fires in both
    assert len(one) == len(other) == 1


@pytest.mark.parametrize(
    ("when", "fires"),
    [
        ({"stage": "hot"}, True),
        ({"stage": "warm"}, False),
        ({"risk": "low", "velocity": {"above": 5}}, True),
        ({"risk": "low", "velocity": {"above": 6}}, False),
    ],
)
def test_when_is_tested_on_the_lead_after_the_event(event, when, fires):
    before, after = lead("warm", velocity=99, risk="high"), lead("hot", velocity=6, risk="low")

    assert fired(rule({"event": "page_view"}, when=when), before, after, event()) is fires


@pytest.mark.parametrize(
    ("age", "fires"), [(-5 * 60_000, True), (0, True), (2 * HOUR, True), (2 * HOUR + 1, False)]
)
def test_an_event_older_than_max_age_on_arrival_fires_nothing(event, age, fires):
    automation = rule({"event": "page_view"}, maxAgeHours=2)

    assert fired(automation, lead(), lead(), event(at=START, received_at=START + age)) is fires


def test_max_age_is_three_days_unless_the_rule_says_otherwise(event):
    automation = rule({"event": "page_view"})

    assert fired(automation, lead(), lead(), event(received_at=START + 72 * HOUR))
    assert not fired(automation, lead(), lead(), event(received_at=START + 72 * HOUR + 1))


@pytest.mark.parametrize(
    ("period", "bucket"),
    [("hour", "2024-12-30T23"), ("day", "2024-12-30"), ("week", "2025-W01"), ("once", "once")],
)
def test_the_bucket_is_taken_from_when_it_happened_not_from_when_it_arrived(event, period, bucket):
    # Given something that happened before midnight in the week of New Year and arrived a day later
    at = from_datetime(datetime.fromisoformat("2024-12-31T00:30:00+01:00"))
    late = event(at=at, received_at=at + DAY)

    (firing,) = firings((rule({"event": "page_view"}, period=period),), LeadChange(late, lead(), lead()))

    assert firing.date_bucket == bucket


def test_the_period_is_a_day_unless_the_rule_says_otherwise(event):
    (firing,) = firings((rule({"event": "page_view"}),), LeadChange(event(at=START), lead(), lead()))

    assert firing.date_bucket == "2024-10-04"


@given(at=st.integers(0, 4_000_000_000_000), period=st.sampled_from(PERIODS), delay=st.integers(0, 3 * DAY))
@settings(deadline=None)
def test_a_repeated_delivery_of_the_same_fact_has_the_same_bucket(event, at, period, delay):
    automation = rule({"event": "page_view"}, period=period)
    first, again = (event(at=at, received_at=at + later) for later in (0, delay))

    (one,) = firings((automation,), LeadChange(first, lead(), lead()))
    (two,) = firings((automation,), LeadChange(again, lead(), lead()))

    assert one.date_bucket == two.date_bucket


def test_a_firing_names_lead_rule_and_cause(event):
    (firing,) = firings(
        (rule({"event": "page_view"}),), LeadChange(event(lead_id="lead-7", position=42), lead(), lead())
    )

    assert (firing.lead_id, firing.rule_id, firing.cause_position) == ("lead-7", "rule", 42)


def test_every_rule_that_fits_fires_in_the_order_of_the_rulebook(event):
    automations = tuple(
        rule({"event": type_}, id=name)
        for name, type_ in (("b", "page_view"), ("x", "signup"), ("a", "page_view"))
    )

    assert [firing.rule_id for firing in firings(automations, LeadChange(event(), lead(), lead()))] == [
        "b",
        "a",
    ]
