"""An action carries its fields, with placeholders filled from the lead after the event."""

from __future__ import annotations

import pytest

from domain.automations.automation import AutomationSection
from domain.automations.firing import firings
from domain.automations.trigger import LeadChange
from domain.decisions.assessment import Assessment
from domain.events.event import Event

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


def test_an_enrol_action_names_its_sequence(event):
    automation = rule({"event": "page_view"}, action={"type": "enrol", "sequence": "welcome"})

    (firing,) = firings((automation,), LeadChange(event(), lead(), lead()))

    assert firing.action == {"type": "enrol", "sequence": "welcome"}


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


def changed(before=None, after=None, type_="page_view", outlook=None):
    """An outlook comes with decay events only."""
    event = Event(position=1, event_id="e", lead_id="l", type=type_, occurred_at=START, received_at=START)
    return LeadChange(event, before or lead(), after or lead(), outlook if type_ == "score.decayed" else None)


def test_the_grade_is_a_fact_where_the_rulebook_knows_one():
    graded = Assessment(START, 50.0, "hot", 1.0, "low", "A2", next_action="schedule_demo")
    action = {"type": "task", "title": "Call {leadId}, {grade}, was {stageBefore}, {eventId}"}

    (firing,) = firings((rule({"event": "page_view"}, action=action),), changed(after=graded))

    assert firing.action["title"] == "Call l, A2, was cold, e"
    assert firing.facts["grade"] == "A2"
