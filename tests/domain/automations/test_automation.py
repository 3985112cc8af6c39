"""Automations fire when a lead changes: at most once per period, filled in with the lead's own facts."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.automations.automation import AutomationSection
from domain.automations.automations import compile_automations
from domain.automations.firing import firings
from domain.automations.trigger import LeadChange, Outlook
from domain.decisions.assessment import Assessment
from domain.decisions.outcome import OutcomeRules
from domain.events.event import Event
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


@pytest.mark.parametrize(
    ("names", "before", "after", "fires"),
    [
        ("hot", "warm", "hot", True),
        ("hot", "qualified", "hot", False),  # entered from above
        ("hot", "hot", "hot", False),
        ("hot", "warm", "qualified", False),  # passed over
        (["hot", "qualified"], "warm", "qualified", True),
        (["hot", "qualified"], "hot", "qualified", True),
        ("hot", "hot", "warm", False),
    ],
)
def test_stage_entered_fires_when_the_lead_arrives_in_a_stage(event, names, before, after, fires):
    assert fired(rule({"stageEntered": names}), lead(before), lead(after), event()) is fires


@pytest.mark.parametrize(
    ("names", "before", "after", "fires"),
    [
        ("hot", "hot", "warm", True),
        ("hot", "hot", "qualified", False),  # a rise
        ("hot", "hot", "hot", False),
        ("hot", "warm", "hot", False),
        (["hot", "qualified"], "qualified", "cold", True),
        (["hot", "qualified"], "qualified", "hot", True),
    ],
)
def test_stage_left_fires_when_the_lead_goes_out_of_a_stage(event, names, before, after, fires):
    assert fired(rule({"stageLeft": names}), lead(before), lead(after), event()) is fires


@pytest.mark.parametrize(
    ("trigger", "fires_on"),
    [
        ({"stageEntered": "hot"}, {("cold", "hot"), ("warm", "hot")}),
        ({"stageEntered": "hot", "direction": "up"}, {("cold", "hot"), ("warm", "hot")}),
        ({"stageEntered": "hot", "direction": "down"}, {("qualified", "hot")}),
        (
            {"stageEntered": "hot", "direction": "any"},
            {("cold", "hot"), ("warm", "hot"), ("qualified", "hot")},
        ),
        ({"stageLeft": "warm"}, {("warm", "cold")}),
        ({"stageLeft": "warm", "direction": "down"}, {("warm", "cold")}),
        ({"stageLeft": "warm", "direction": "up"}, {("warm", "hot"), ("warm", "qualified")}),
        (
            {"stageLeft": "warm", "direction": "any"},
            {("warm", "cold"), ("warm", "hot"), ("warm", "qualified")},
        ),
    ],
)
def test_a_trigger_on_stages_has_a_direction(event, trigger, fires_on):
    automation = rule(trigger)

    fired_on = {
        (before, after)
        for before in STAGES
        for after in STAGES
        if fired(automation, lead(before), lead(after), event())
    }

    assert fired_on == fires_on


@pytest.mark.parametrize(
    ("names", "before", "after", "fires"),
    [
        ("high", "medium", "high", True),
        ("high", "low", "high", True),
        ("high", "high", "high", False),
        ("low", "high", "low", True),
        (["medium", "high"], "low", "medium", True),
        ("high", "low", "medium", False),
    ],
)
def test_risk_entered_fires_when_the_band_becomes_the_named_one(event, names, before, after, fires):
    assert fired(rule({"riskEntered": names}), lead(risk=before), lead(risk=after), event()) is fires


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [(9, 12, True), (0, 12, True), (9, 9, False), (12, 15, False), (12, 9, False), (6, 9, False)],
)
def test_velocity_above_fires_once_on_the_way_up(event, before, after, fires):
    automation = rule({"velocityAbove": 9})

    assert fired(automation, lead(velocity=before), lead(velocity=after), event()) is fires


def test_velocity_above_nought_fires_on_the_first_activity(event):
    assert fired(rule({"velocityAbove": 0}), lead(velocity=0), lead(velocity=3), event())


@pytest.mark.parametrize(
    ("names", "type_", "fires"),
    [
        ("demo_request", "demo_request", True),
        (["demo_request", "signup"], "signup", True),
        ("demo_request", "page_view", False),
        ("demo_request", "demo_request.again", False),
        ("tag.added", "tag.added", True),
    ],
)
def test_an_event_trigger_fires_on_the_type_whether_anything_changed_or_not(event, names, type_, fires):
    assert fired(rule({"event": names}), lead(), lead(), event(type_)) is fires


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


def filled(title, event, after=None, **rest):
    action = {"type": "task", "title": title, **rest}
    (firing,) = firings(
        (rule({"event": event.type}, action=action),),
        LeadChange(event, lead(), after or lead("hot", 52.5, 6, "low")),
    )
    return firing.action


def test_the_placeholders_are_filled_with_the_lead_after_the_event(event):
    title = "{leadId}|{stage}|{score}|{velocity}|{risk}|{nextAction}|{eventType}"
    after = lead("hot", 52.5, 6.0, "low", "schedule_demo")

    assert filled(title, event("signup", lead_id="lead-7"), after)["title"] == (
        "lead-7|hot|52.5|6|low|schedule_demo|signup"
    )


def test_a_placeholder_may_stand_twice_and_an_unknown_one_stays_as_written(event):
    assert filled("{leadId} {leadId} {name} {} {{stage}", event())["title"] == (
        "lead-1 lead-1 {name} {} {hot"
    )


@pytest.mark.parametrize(
    "lead_id", ["{stage}", "{leadId}", "{score}{risk}", "{{stage}}", "{", "}{", "{eventType", "{0.__class__}"]
)
def test_a_lead_id_that_looks_like_a_placeholder_is_shown_as_it_is(event, lead_id):
    assert filled("Call {leadId}: {stage}", event(lead_id=lead_id))["title"] == f"Call {lead_id}: hot"


def test_an_action_carries_all_its_fields(event):
    action = filled("Call {leadId}", event(), dueInHours=4, priority="high")

    assert action == {"type": "task", "title": "Call lead-1", "dueInHours": 4, "priority": "high"}


def test_a_task_is_due_in_a_day_at_normal_priority_unless_it_says_otherwise(event):
    assert filled("Call", event()) == {
        "type": "task",
        "title": "Call",
        "dueInHours": 24,
        "priority": "normal",
    }


def test_a_tag_action_names_its_tag(event):
    automation = rule({"event": "page_view"}, action={"type": "tag", "tag": "going-cold"})

    (firing,) = firings((automation,), LeadChange(event(), lead(), lead()))

    assert firing.action == {"type": "tag", "tag": "going-cold"}


@pytest.mark.parametrize("type_", ["webhook", "event"])
def test_a_webhook_or_event_action_names_its_event(event, type_):
    automation = rule({"event": "page_view"}, action={"type": type_, "event": "lead.ripened"})

    (firing,) = firings((automation,), LeadChange(event(), lead(), lead()))

    assert firing.action == {"type": type_, "event": "lead.ripened"}


def test_a_firing_carries_the_facts_of_the_lead_for_messages_about_it(event):
    before, after = lead("warm"), lead("hot", 52.5, 6.0, "low", "schedule_demo")

    (firing,) = firings(
        (rule({"event": "signup"}),), LeadChange(event("signup", lead_id="lead-7"), before, after)
    )

    assert firing.facts == {
        "leadId": "lead-7",
        "stage": "hot",
        "stageBefore": "warm",
        "score": 52.5,
        "velocity": 6,
        "risk": "low",
        "nextAction": "schedule_demo",
        "outcome": "open",
        "eventType": "signup",
        "eventId": "event-1",
    }


@pytest.mark.parametrize(
    "trigger",
    [{}, {"event": "a", "stageEntered": "hot"}, {"stageEntered": None}, {"velocityAbove": None}],
)
def test_a_trigger_must_name_exactly_one_change(trigger):
    # `trigger: {stageEntered: }` in a file would otherwise be a rule that can never fire, without a word.
    with pytest.raises(ValidationError, match="exactly one of stageEntered, stageLeft, riskEntered"):
        rule(trigger)


@pytest.mark.parametrize(
    "wrong",
    [
        {"trigger": {"velocityAbove": -1}},
        {"period": "month"},
        {"period": {"days": 0}},
        {"period": {"weeks": 1}},
        {"maxAgeHours": 0},
        {"action": {"type": "email", "to": "all"}},
        {"action": {"type": "task", "title": ""}},
        {"action": {"type": "task", "title": "x" * 201}},
        {"action": {"type": "task", "title": "Call", "dueInHours": 0}},
        {"action": {"type": "task", "title": "Call", "priority": "asap"}},
        {"action": {"type": "tag", "tag": "{leadId}"}},
        {"action": {"type": "webhook", "event": "{leadId}"}},
        {"action": {"type": "webhook", "event": ""}},
        {"action": {"type": "event", "event": "two words"}},
        {"action": {"type": "event", "event": "$set"}},
        {"action": {"type": "tag", "tag": "$set"}},
        {"id": "a.b"},
        {"id": "$where"},
        {"id": ""},
    ],
)
def test_a_rule_that_cannot_work_is_refused(wrong):
    with pytest.raises(ValidationError):
        rule(**{"trigger": {"event": "page_view"}, **wrong})


def test_classic_calls_a_lead_each_time_it_becomes_qualified_with_one_bucket_a_week(folded, stream):
    # Given a lead that becomes qualified on Friday, falls to hot by a silence and becomes qualified again
    seen = folded(
        stream(
            ("demo_request", START),
            ("demo_request", START + HOUR),
            ("score.decayed", START + 9 * DAY, "lead-engine"),
            ("demo_request", START + 10 * DAY),
        )
    ).firings

    calls = [firing for firing in seen if firing.rule_id == "call-qualified-lead"]

    # 60 points; then 60 x 0.512 + 30 = 60.72 on the Monday ten days later: another crossing in another week
    assert [(call.date_bucket, call.cause_position) for call in calls] == [("2024-W40", 2), ("2024-W42", 4)]
    assert [call.action["title"] for call in calls] == [
        "Call lead-1: qualified with 60 points",
        "Call lead-1: qualified with 60.72 points",
    ]


def test_classic_tags_a_hot_lead_that_has_gone_quiet(folded, stream):
    # Given 65 points, and the decay job a week and an hour later: 52 points, hot, high risk
    seen = folded(
        stream(
            ("demo_request", START),
            ("demo_request", START),
            ("page_view", START),
            ("page_view", START),
            ("email_open", START),
            ("score.decayed", START + 7 * DAY + HOUR, "lead-engine"),
        )
    ).firings

    assert [(f.rule_id, f.cause_position, f.action) for f in seen if f.rule_id == "rescue-quiet-lead"] == [
        ("rescue-quiet-lead", 6, {"type": "tag", "tag": "going-cold"})
    ]


def test_classic_answers_a_demo_request_once_a_day(folded, stream):
    # Given three requests on two days
    seen = folded(
        stream(("demo_request", START), ("demo_request", START + HOUR), ("demo_request", START + DAY))
    ).firings

    # Then each names the bucket that makes the second of a day the same execution as the first
    buckets = [firing.date_bucket for firing in seen if firing.rule_id == "answer-demo-request"]
    assert buckets == ["2024-10-04", "2024-10-04", "2024-10-05"]


def changed(before=None, after=None, type_="page_view", outlook=None):
    """An outlook comes with decay events only."""
    event = Event(position=1, event_id="e", lead_id="l", type=type_, occurred_at=START, received_at=START)
    return LeadChange(event, before or lead(), after or lead(), outlook if type_ == "score.decayed" else None)


def with_surge(surge):
    return Assessment(START, 0.0, "warm", 1.0, "low", surge=surge, next_action="monitor")


@pytest.mark.parametrize(
    ("before", "after", "fires"),
    [(False, True, True), (True, True, False), (True, False, False), (False, False, False)],
)
def test_a_surge_fires_when_it_begins(before, after, fires):
    automation = rule({"surge": True})

    assert automation.fires(changed(with_surge(before), with_surge(after))) is fires


@pytest.mark.parametrize(
    ("names", "before", "after", "fires"),
    [
        ("re_engage", "monitor", "re_engage", True),
        ("re_engage", "re_engage", "re_engage", False),
        ("re_engage", "re_engage", "monitor", False),
        (["re_engage", "reply_now"], "re_engage", "reply_now", True),
    ],
)
def test_next_action_fires_when_the_advice_becomes_the_named_one(names, before, after, fires):
    automation = rule({"nextAction": names})

    assert automation.fires(changed(lead(next_action=before), lead(next_action=after))) is fires


@pytest.mark.parametrize(
    ("type_", "silence", "written", "fires"),
    [
        ("score.decayed", 14 * DAY, 0, True),
        ("score.decayed", 14 * DAY - 1, 0, False),
        ("score.decayed", 90 * DAY, 13 * DAY, True),
        ("score.decayed", 90 * DAY, 14 * DAY, False),  # it was written down before
        ("score.decayed", None, 0, False),
        ("page_view", 14 * DAY, 0, False),
        ("lead.updated", 14 * DAY, 0, False),
    ],
)
def test_quiet_for_days_fires_once_time_is_written_down_after_so_long_a_silence(
    type_, silence, written, fires
):
    since = None if silence is None else START - silence
    outlook = Outlook(since, START - (silence or 0) + written)

    assert rule({"quietForDays": 14}).fires(changed(type_=type_, outlook=outlook)) is fires


@pytest.mark.parametrize(
    ("type_", "drop_in", "fires"),
    [
        ("score.decayed", 3 * DAY, True),
        ("score.decayed", 3 * DAY + 1, False),
        ("score.decayed", 0, True),
        ("score.decayed", None, False),
        ("page_view", DAY, False),
    ],
)
def test_drop_within_days_fires_when_the_fall_is_that_near(type_, drop_in, fires):
    outlook = Outlook(START - DAY, 0, None if drop_in is None else START + drop_in)

    assert rule({"dropWithinDays": 3}).fires(changed(type_=type_, outlook=outlook)) is fires


@pytest.mark.parametrize("trigger", [{"surge": False}, {"quietForDays": 0}, {"dropWithinDays": -1}])
def test_a_trigger_that_can_never_be_meant_is_refused(trigger):
    with pytest.raises(ValidationError):
        rule(trigger)


def test_the_grade_is_a_fact_where_the_rulebook_knows_one():
    graded = Assessment(START, 50.0, "hot", 1.0, "low", "A2", next_action="schedule_demo")
    action = {"type": "task", "title": "Call {leadId}, {grade}, was {stageBefore}, {eventId}"}

    (firing,) = firings((rule({"event": "page_view"}, action=action),), changed(after=graded))

    assert firing.action["title"] == "Call l, A2, was cold, e"
    assert firing.facts["grade"] == "A2"


def of_standard(standard_with, *automations):
    written = [{"id": f"rule-{n}", "action": TASK, **one} for n, one in enumerate(automations)]
    return standard_with(automations=written)


def causes(folded, rules, events):
    return [(firing.rule_id, firing.cause_position) for firing in folded(events, rules).firings]


def test_a_fall_by_decay_that_nobody_saw_and_the_return_fire_as_if_it_had_been_seen(standard, folded, stream):
    # Given 35 + 25 = 60 points, 26.7 of which are left after 3 weeks and a bit, and 60 again by a meeting
    facts = [("demo_request", START), ("phone_call", START + 1), ("meeting_booked", START + 25 * DAY)]
    seen = [*facts[:2], ("score.decayed", START + 24 * DAY, "lead-engine"), facts[2]]

    def calls(events):
        fired = folded(stream(*events), standard).firings
        return [firing.date_bucket for firing in fired if firing.rule_id == "call-qualified-lead"]

    # Then the second crossing fires whether the decay job ran in between or not
    assert calls(facts) == calls(seen) == ["2024-W40", "2024-W44"]


def test_quiet_for_days_counts_from_the_last_activity_however_late_others_arrive(
    standard_with, folded, stream
):
    rules = of_standard(standard_with, {"trigger": {"quietForDays": 7}})
    events = stream(
        ("demo_request", START),
        ("page_view", START - 5 * DAY),
        ("lead.updated", START + 8 * DAY),
        ("score.decayed", START + 7 * DAY - 1, "lead-engine"),
        ("score.decayed", START + 9 * DAY, "lead-engine"),
    )

    # Day 7 has not come at the first run of the decay job, and has at the second
    assert causes(folded, rules, events) == [("rule-0", 5)]


def test_drop_within_days_fires_once_the_fall_is_near(standard_with, folded, stream):
    # Given 35 points, hot until they are under 29.75: 21 x log2(35 / 29.75) = 4.92 days
    rules = of_standard(standard_with, {"trigger": {"dropWithinDays": 2}, "when": {"stage": "hot"}})
    decays = [("score.decayed", START + day * DAY, "lead-engine") for day in range(1, 7)]

    assert causes(folded, rules, stream(("demo_request", START), *decays)) == [("rule-0", 4), ("rule-0", 5)]


def test_a_surge_fires_on_the_session_that_makes_it_one(standard_with, folded, stream):
    rules = of_standard(standard_with, {"trigger": {"surge": True}})
    usual = [("page_view", START + day * DAY) for day in range(0, 60, 15)]
    burst = [("page_view", START + 60 * DAY + n * 2 * HOUR) for n in range(8)]

    after = folded(stream(*usual, *burst), rules)

    assert len(after.firings) == 1
    assert after.state.assessment.surge


def test_a_reply_fires_the_advice_to_answer_it(standard_with, folded, stream):
    rules = of_standard(standard_with, {"trigger": {"nextAction": "reply_now"}})
    events = stream(
        ("email_reply", START),
        ("email_reply", START + 1),
        ("rep_reply", START + 2),
        ("email.replied", START + 3),
    )

    assert causes(folded, rules, events) == [("rule-0", 1), ("rule-0", 4)]
