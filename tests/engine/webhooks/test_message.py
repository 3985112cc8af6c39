"""The body of a webhook message."""

from __future__ import annotations

import json

import pytest

from domain.errors import Invalid
from engine.automations.actions.webhook import message_about
from engine.automations.execution import Execution
from engine.webhooks import message as module
from engine.webhooks.delivery import delivery_id
from engine.webhooks.message import MAX_BYTES


def execution(**facts):
    return Execution(
        unit_id="e1",
        lead_id="ada",
        rule_id="tell-crm",
        date_bucket="2026-11-22",
        cause_position=7,
        action={"type": "webhook", "event": "lead.qualified"},
        facts=facts,
        state="waiting",
        attempts=(),
        created_at=1_795_348_800_000,
        due_at=1_795_348_800_000,
    )


def test_a_message_says_its_type_when_it_was_caused_and_what_the_lead_was_like():
    message = message_about(execution(leadId="ada", score=64.0, stage="qualified"), "lead.qualified")
    assert json.loads(message.body) == {
        "type": "lead.qualified",
        "timestamp": "2026-11-22T12:00:00Z",
        "data": {
            "leadId": "ada",
            "score": 64.0,
            "stage": "qualified",
            "ruleId": "tell-crm",
            "executionId": "e1",
            "position": 7,
        },
    }
    assert (message.key, message.lead_id, message.execution_id) == ("e1", "ada", "e1")


def test_the_same_execution_makes_the_same_bytes():
    assert message_about(execution(a=1.0), "x").body == message_about(execution(a=1.0), "x").body


def test_a_body_is_smaller_than_20_kb_or_is_not_made():
    room = MAX_BYTES - len(message_about(execution(text=""), "x").body)
    assert len(message_about(execution(text="x" * (room - 1)), "x").body) == MAX_BYTES - 1
    with pytest.raises(Invalid, match="20000"):
        message_about(execution(text="x" * room), "x")


def test_a_test_message_is_of_the_type_webhook_test():
    assert json.loads(module.test_message("k", 1_795_348_800_000).body)["type"] == "webhook.test"


def test_an_id_follows_from_message_and_endpoint_and_has_no_dot():
    assert delivery_id("e1", "ep_1") == delivery_id("e1", "ep_1") == "msg_46271669fb29ffbe7405f773f7b1b3e3"
    others = {delivery_id(*pair) for pair in [("e1", "ep_1"), ("e2", "ep_1"), ("e1", "ep_2"), ("e1e", "p_1")]}
    assert len(others) == 4
    assert not any("." in one for one in others)
