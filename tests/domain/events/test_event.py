"""Which events are the lead's own doing, and how stored documents of older schemas are read."""

from __future__ import annotations

import msgspec
import pytest

from domain.errors import Invalid
from domain.events.event import upcast


@pytest.mark.parametrize("type_", ["page_view", "demo_request", "something.never.heard.of", "score.decayed"])
def test_what_a_sender_reports_is_activity_even_if_its_type_is_unknown(event, type_):
    assert event(type_, source="website").is_activity


@pytest.mark.parametrize("type_", ["lead.updated", "stage.set", "stage.cleared", "tag.added", "tag.removed"])
def test_bookkeeping_about_a_lead_is_not_activity(event, type_):
    assert not event(type_, source="crm").is_activity


@pytest.mark.parametrize("type_", ["score.decayed", "page_view", "tag.added"])
def test_nothing_that_the_engine_itself_appends_is_activity(event, type_):
    assert not event(type_, source="lead-engine").is_activity


def test_an_event_is_camel_case_outside_and_loses_nothing(event):
    properties = {"url": "/pricing", "n": [1, None, {"deep": True}]}

    assert msgspec.to_builtins(event("page_view", 5, received_at=6, source="web", properties=properties)) == {
        "stream": "",
        "position": 1,
        "eventId": "event-1",
        "leadId": "lead-1",
        "type": "page_view",
        "occurredAt": 5,
        "receivedAt": 6,
        "source": "web",
        "properties": properties,
    }


def test_an_event_cannot_be_changed(event):
    with pytest.raises(AttributeError):
        event().type = "other"


CHAIN = {
    1: lambda document: {**document, "type": document["kind"]},
    2: lambda document: {**document, "source": document.get("source", "v2-default")},
    3: lambda document: {**document, "type": f"{document['type']}.v4"},
}


def test_an_old_document_is_lifted_through_every_version_in_turn():
    lifted = upcast({"schemaVersion": 1, "kind": "visit"}, upcasters=CHAIN, current=4)

    assert lifted["schemaVersion"] == 4
    assert lifted["type"] == "visit.v4"
    assert lifted["source"] == "v2-default"


def test_a_document_from_the_middle_takes_only_the_steps_it_still_needs():
    lifted = upcast({"schemaVersion": 3, "type": "visit"}, upcasters=CHAIN, current=4)

    assert lifted == {"schemaVersion": 4, "type": "visit.v4"}


def test_a_document_without_a_version_is_of_the_first():
    lifted = upcast({"kind": "visit"}, upcasters={1: CHAIN[1]}, current=2)

    assert lifted == {"schemaVersion": 2, "kind": "visit", "type": "visit"}


def test_a_step_need_not_set_the_version_itself_and_cannot_get_it_wrong():
    lifted = upcast({"schemaVersion": 1}, upcasters={1: lambda _: {"schemaVersion": 99}}, current=2)

    assert lifted["schemaVersion"] == 2


def test_the_stored_document_is_never_rewritten():
    stored = {"schemaVersion": 1, "kind": "visit"}

    upcast(stored, upcasters=CHAIN, current=4)

    assert stored == {"schemaVersion": 1, "kind": "visit"}


def test_a_current_document_goes_through_no_step():
    def explode(_):
        raise AssertionError

    stored = {"schemaVersion": 3, "type": "visit"}

    assert upcast(stored, upcasters={1: explode, 2: explode, 3: explode}, current=3) == {
        "schemaVersion": 3,
        "type": "visit",
    }


@pytest.mark.parametrize("version", [2, 99, 0, -1, "1", None, 1.5])
def test_a_version_that_this_program_does_not_know_is_refused_by_name(version):
    with pytest.raises(Invalid, match=r"schema version .*knows 1 to 1") as refusal:
        upcast({"schemaVersion": version})

    assert repr(version) in str(refusal.value)


def test_todays_documents_need_no_upcast():
    stored = {"schemaVersion": 1, "type": "page_view"}

    assert upcast(stored) == stored
