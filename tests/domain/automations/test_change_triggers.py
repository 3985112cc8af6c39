"""Triggers on changes of a lead fire at the change they name, and at no other."""

from __future__ import annotations

import pytest

from domain.automations.automation import AutomationSection
from domain.automations.firing import firings
from domain.automations.trigger import LeadChange, Outlook
from domain.decisions.assessment import Assessment
from domain.events.event import ENGINE_SOURCE, Event
from domain.privacy.personal_fields import PersonalFields
from domain.rule_language.yaml_reader import LocatedError
from domain.rulebooks.privacy_check import check_privacy
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.built_in import built_in

HOUR = 3_600_000

DAY = 24 * HOUR

START = 20_000 * DAY

STAGES = ("cold", "warm", "hot", "qualified")

TASK = {"type": "task", "title": "Call"}


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


INTERESTED = {"event": "reply.classified", "where": {"intent": "interested"}}
CLASSIFIED = {"event": "reply.classified"}


@pytest.mark.parametrize(
    ("trigger", "properties", "fires"),
    [
        ({"event": "page_view", "where": {"path": "/pricing"}}, {"path": "/pricing"}, True),
        ({"event": "page_view", "where": {"path": "/pricing"}}, {"path": "/jobs"}, False),
        ({"event": "page_view", "where": {"path": "/pricing"}}, {}, False),
        ({"event": "page_view"}, {"path": "/jobs"}, True),
    ],
)
def test_an_event_trigger_fires_if_the_properties_are_as_it_says(event, trigger, properties, fires):
    assert fired(rule(trigger), lead(), lead(), event(properties=properties)) is fires


@pytest.mark.parametrize(
    ("trigger", "type_", "said", "fires"),
    [
        (INTERESTED, "reply.classified", {"intent": "interested"}, True),
        (INTERESTED, "reply.classified", {"intent": "interested", "suspectedOptOut": 0.25}, False),
        (CLASSIFIED, "reply.classified", {"intent": "interested", "suspectedOptOut": 0.25}, False),
        (CLASSIFIED, "reply.classified", {"intent": "unsubscribe", "suspected": True}, False),  # up to 0.6.0
        (INTERESTED, "reply.judged", {"optOut": False, "intent": "interested"}, True),
        (INTERESTED, "reply.judged", {"optOut": False, "intent": "question"}, False),
        (CLASSIFIED, "reply.judged", {"optOut": False, "intent": "unknown"}, True),
        (CLASSIFIED, "reply.judged", {"optOut": False}, False),  # nothing had been suspected
        (CLASSIFIED, "reply.judged", {"optOut": True, "intent": "interested"}, False),
        ({"event": "reply.judged"}, "reply.judged", {"optOut": True}, True),
    ],
)
def test_a_reading_beside_a_suspected_opt_out_fires_once_a_person_has_cleared_it(
    event, trigger, type_, said, fires
):
    read = event(type_, source=ENGINE_SOURCE, properties={"replyId": "r", **said})
    assert fired(rule(trigger), lead(), lead(), read) is fires


def test_a_trigger_may_not_ask_for_the_value_of_a_personal_field():
    automation = {
        "id": "r",
        "trigger": {"event": "signup", "where": {"email": "a@b.example"}},
        "action": TASK,
    }
    content = built_in("classic").model_dump(by_alias=True, exclude_none=True)
    rules = Rulebook.model_validate({**content, "automations": [automation]})
    check_privacy(rules.properties_read(), PersonalFields(("phone",)))
    with pytest.raises(LocatedError) as refusal:
        check_privacy(rules.properties_read(), PersonalFields(("email",)))
    assert refusal.value.location == ("automations", 0, "trigger", "where", "email")


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
