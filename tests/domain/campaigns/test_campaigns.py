"""Definitions, states and digests of campaigns."""

from __future__ import annotations

import pytest

from domain.campaigns.definition import AudienceFilter, CampaignDefinition, Wording, definition_faults
from domain.campaigns.fingerprint import first_link, next_link
from domain.campaigns.states import after
from domain.errors import Conflict

MAIL = Wording(channel="email", subject="Hi", text="Hello")
EVERYBODY = AudienceFilter()


def defined(**different):
    return CampaignDefinition(
        **{"mode": "broadcast", "audience": EVERYBODY, "message": MAIL, "sequence": None, **different}
    )


@pytest.mark.parametrize(
    ("different", "fields"),
    [
        ({}, []),
        ({"message": None}, ["message"]),
        ({"sequence": "nurture"}, ["sequence"]),
        ({"mode": "sequence"}, ["sequence", "message"]),
        ({"mode": "sequence", "message": None, "sequence": "nurture"}, []),
        ({"include_present": True}, ["includePresent"]),
        ({"starts_at": 5, "ends_at": 5}, ["endsAt"]),
        ({"message": Wording(channel="email", text="Hello")}, ["message/subject"]),
        ({"message": Wording(channel="linkedin")}, ["message/text"]),
        ({"message": Wording(channel="email", template="offer")}, ["message/template"]),
        ({"message": Wording(channel="whatsapp", template="offer", text="x")}, ["message/template"]),
    ],
)
def test_fields_that_do_not_fit_each_other_are_named(different, fields):
    assert [field for field, _ in definition_faults(defined(**different))] == fields


@pytest.mark.parametrize(
    ("state", "action", "expected"),
    [
        ("draft", "start", "running"),
        ("scheduled", "pause", "paused"),
        ("running", "pause", "paused"),
        ("paused", "resume", "running"),
        ("draft", "finish", "finished"),
        ("paused", "finish", "finished"),
        ("running", "start", None),
        ("draft", "pause", None),
        ("running", "resume", None),
        ("finished", "finish", None),
        ("finished", "resume", None),
    ],
)
def test_each_state_allows_its_actions(state, action, expected):
    if expected is None:
        with pytest.raises(Conflict, match=f"is {state}"):
            after(state, action, None, 10)
    else:
        assert after(state, action, None, 10) == expected


def test_what_begins_later_is_scheduled_until_then():
    assert [after("draft", "start", 11, 10), after("draft", "start", 10, 10)] == ["scheduled", "running"]
    assert after("paused", "resume", 11, 10) == "scheduled"


def test_the_digest_is_of_the_definition_the_sequence_and_each_lead_in_its_place():
    first = first_link(defined(), "")
    whole = next_link(first, ["ada", "bob", "eve"])
    assert next_link(next_link(first, ["ada"]), ["bob", "eve"]) == whole
    others = [
        next_link(first, ["ada", "eve", "bob"]),
        next_link(first, ["ada", "bob"]),
        next_link(first, ["ada", "bobeve"]),
        next_link(first_link(defined(audience=AudienceFilter(tag="fair")), ""), ["ada", "bob", "eve"]),
        next_link(first_link(defined(), "nurture@2"), ["ada", "bob", "eve"]),
    ]
    assert len({whole, *others}) == 6
