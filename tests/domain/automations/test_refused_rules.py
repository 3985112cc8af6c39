"""An automation that cannot work is refused when it is written."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain.automations.automation import AutomationSection

STAGES = ("cold", "warm", "hot", "qualified")

TASK = {"type": "task", "title": "Call"}


def rule(trigger, **rest):
    return AutomationSection.model_validate(
        {"id": "rule", "trigger": trigger, "action": TASK, **rest}
    ).compile(STAGES)


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


@pytest.mark.parametrize("trigger", [{"surge": False}, {"quietForDays": 0}, {"dropWithinDays": -1}])
def test_a_trigger_that_can_never_be_meant_is_refused(trigger):
    with pytest.raises(ValidationError):
        rule(trigger)
