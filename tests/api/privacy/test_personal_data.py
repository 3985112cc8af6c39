"""Export and erasure of everything that is stored about a person."""

from __future__ import annotations

import asyncio
import json

import msgspec
import pytest
from msgspec.structs import fields

from api.leads.views import EventView
from api.privacy.export import ExportView
from domain.instant import to_datetime
from engine.webhooks.message import Message
from workflows.work.loops import drain

FORM = {"name": "Ada", "email": "ada@example.com", "path": "/contact"}
SECTIONS = (
    *(
        "events",
        "history",
        "tasks",
        "executions",
        "deliveries",
        "rejectedItems",
        "messages",
        "messageResults",
        "drafts",
        "enrolments",
        "campaigns",
        "suppressions",
        "rulebookPreviews",
    ),
    *("deadLetters", "auditLog"),
)


@pytest.fixture
async def ada(api, receiver):
    """A lead with personal fields that qualifies, with a task and a webhook delivery about it."""
    await api.http.post("/api/webhook-endpoints", json={"url": receiver.url})
    types = ("page_view", "download", "signup", "demo_request")
    await api.store(
        *({"leadId": "ada", "type": name, "eventId": f"e-{name}", "properties": FORM} for name in types)
    )
    await api.store({"leadId": "bob", "type": "signup", "properties": {"name": "Bob"}})
    await api.work()
    return "ada"


async def erase(api, lead_id="ada", status=200):
    answer = await api.http.delete(f"/api/leads/{lead_id}/personal-data")
    assert answer.status_code == status, answer.text
    return answer.json()


async def export(api, lead_id="ada"):
    return await api.get(f"/api/leads/{lead_id}/export")


# --- Erasing ---


async def test_events_show_personal_fields_until_they_are_erased(api, ada):
    events = (await api.get("/api/leads/ada/events"))["items"]
    assert [one["properties"] for one in events if one["type"] == "signup"] == [FORM]
    assert await erase(api) == {
        "leadId": "ada",
        "keys": 1,
        "events": 4,
        "webhookAnswers": 0,
        "identifiers": 0,
        "messages": 0,
        "drafts": 0,
        "enrolments": 0,
        "campaigns": 0,
        "suppressions": 0,
        "stillOpen": [],
    }
    events = (await api.get("/api/leads/ada/events"))["items"]
    gone = {"name": "[erased]", "email": "[erased]", "path": "/contact"}
    assert [one["properties"] for one in events if one["type"] == "signup"] == [gone]
    (bobs,) = (await api.get("/api/leads/bob/events"))["items"]
    assert bobs["properties"] == {"name": "Bob"}, "others keep theirs"


async def test_erasing_again_changes_nothing_more(api, ada):
    await erase(api)
    assert await erase(api) == {
        "leadId": "ada",
        "keys": 0,
        "events": 0,
        "webhookAnswers": 0,
        "identifiers": 0,
        "messages": 0,
        "drafts": 0,
        "enrolments": 0,
        "campaigns": 0,
        "suppressions": 0,
        "stillOpen": [],
    }
    assert len([one for one in await log(api) if one["target"] == "ada"]) == 1


async def log(api):
    return (await api.get("/api/audit"))["items"]


async def test_who_erased_is_in_the_audit_log_and_nothing_of_the_person(api, ada):
    await erase(api)
    (entry,) = (await api.get("/api/audit", target="ada"))["items"]
    assert (entry["action"], entry["target"]) == ("personal_data.erased", "ada")
    me = {"kind": "key", "name": "tests", "keyId": api.key.key.key_id, "personId": None}
    assert entry["who"] == me
    assert entry["before"]["key"] is not None
    assert entry["after"] == {
        "key": None,
        "identifiers": False,
        "drafts": False,
        "enrolments": False,
        "campaigns": False,
        "messages": False,
        "messageResults": False,
        "names": False,
        "rejectedItems": False,
        "rulebookPreviews": False,
        "suppressions": False,
        "webhookAnswers": False,
    }
    assert "example.com" not in json.dumps(entry)


async def test_a_lead_without_personal_fields_has_nothing_to_erase(api):
    await api.store({"leadId": "plain", "type": "page_view", "properties": {"path": "/"}})
    assert await erase(api, "plain") == {
        "leadId": "plain",
        "keys": 0,
        "events": 0,
        "webhookAnswers": 0,
        "identifiers": 0,
        "messages": 0,
        "drafts": 0,
        "enrolments": 0,
        "campaigns": 0,
        "suppressions": 0,
        "stillOpen": [],
    }
    assert not [one for one in await log(api) if one["target"] == "plain"]


async def test_a_lead_that_was_never_applied_can_be_erased_and_exported(api):
    await api.store({"leadId": "new", "type": "signup", "properties": FORM})
    exported = await export(api, "new")
    assert (exported["lead"], exported["state"], exported["history"]) == (None, None, [])
    assert exported["events"][0]["properties"] == FORM
    assert (await erase(api, "new"))["keys"] == 1


@pytest.mark.parametrize(("method", "path"), [("DELETE", "personal-data"), ("GET", "export")])
async def test_an_unknown_lead_is_not_found_and_other_scopes_are_refused(api, ada, method, path):
    answer = await api.http.request(method, f"/api/leads/nobody/{path}")
    assert api.problem(answer, 404)["code"] == "not-found"
    for scope in ("read", "ingest"):
        key = (await api.new_key(scope)).token.text
        answer = await api.ask(method, f"/api/leads/ada/{path}", key)
        assert api.problem(answer, 403)["code"] == "forbidden"
    assert (await export(api))["personalDataKey"] is not None


async def test_while_events_keep_coming_each_can_be_read_or_is_erased_as_a_whole(api):
    """Erasures race with senders: whichever key an event caught, it is never half readable or unreadable."""
    one = {"leadId": "ada", "type": "form", "properties": FORM}
    await api.store(one)

    async def send(number):
        await api.store({**one, "eventId": f"race-{number}"})

    await asyncio.gather(*(send(number) if number % 5 else erase(api) for number in range(60)))
    await api.store({**one, "eventId": "last"})
    events = (await api.get("/api/leads/ada/events", limit=200))["items"]
    assert len(events) == 50
    assert events[0]["properties"] == FORM
    for event in events:
        values = {event["properties"]["name"], event["properties"]["email"]}
        assert values in ({"[erased]"}, {"Ada", "ada@example.com"})


async def test_what_webhook_endpoints_answered_is_emptied(api, receiver):
    made = (await api.http.post("/api/webhook-endpoints", json={"url": receiver.url})).json()
    receiver.will(receiver.answer(500, b"no room for ada@example.com"), receiver.answer(200, b"hello Ada"))
    await _tell_about(api, "ada")
    await drain(api.runtime)
    api.wait(minutes=10)
    await drain(api.runtime)
    path = f"/api/webhook-endpoints/{made['id']}/deliveries"
    (delivery,) = (await api.get(path))["items"]
    assert [one["answer"] for one in delivery["attempts"]] == ["no room for ada@example.com", "hello Ada"]

    assert (await erase(api))["webhookAnswers"] == 1
    (after,) = (await api.get(path))["items"]
    assert [one["answer"] for one in after["attempts"]] == ["", ""]
    assert [one["statusCode"] for one in after["attempts"]] == [500, 200]
    assert after["payload"] == delivery["payload"]
    assert (await erase(api))["webhookAnswers"] == 0


async def _tell_about(api, lead_id):
    """One event of the lead, and a webhook delivery about it as an automation makes it."""
    await api.store({"leadId": lead_id, "type": "page_view"})
    endpoints = await api.runtime.webhooks.endpoints.listening_to("lead.qualified")
    message = Message(
        key=f"about {lead_id}", event="lead.qualified", body=b"{}", lead_id=lead_id, execution_id="x"
    )
    await api.runtime.webhooks.deliveries.add(message, endpoints, api.runtime.now())


# --- Exporting ---


async def test_an_export_has_everything_that_is_held(api, ada):
    await _tell_about(api, "ada")
    exported = await export(api)
    assert {
        "leadId",
        "exportedAt",
        "position",
        "personalDataKey",
        "blockedSince",
        "identifiers",
        "indexedNames",
        "merges",
        "possibleDuplicates",
        "lead",
        "state",
        *SECTIONS,
    } == set(exported)
    events = (await api.get("/api/leads/ada/events", limit=200))["items"]
    assert [{name: one[name] for name in events[0]} for one in exported["events"]] == events
    shown = await api.get("/api/leads/ada")
    of_messages = {name: shown.pop(name) for name in ("channels", "moreMessages")}
    assert of_messages == {"channels": [], "moreMessages": False}
    assert {**exported["lead"], "requestedId": "ada"} == shown
    assert exported["history"] == (await api.get("/api/leads/ada/history", all=True, limit=200))["items"]
    tasks = (await api.get("/api/tasks", leadId="ada"))["items"]
    assert [{**task, "ownerId": None} for task in exported["tasks"]] == tasks != []
    executions = (await api.get("/api/automations/executions", leadId="ada"))["items"]
    assert exported["executions"] == executions != []
    assert [one["leadId"] for one in exported["deliveries"]] == ["ada"]
    assert exported["deadLetters"] == []
    assert [one["action"] for one in exported["auditLog"]] == ["personal_data.exported"]
    assert exported["state"]["leadId"] == "ada"
    assert exported["position"] == events[0]["position"]
    key = await api.runtime.privacy.keys.find("ada")
    assert exported["personalDataKey"]["id"] == key.key_id
    assert "Bob" not in json.dumps(exported)


async def test_an_export_has_the_form_that_the_openapi_document_says(api, ada):
    await _tell_about(api, "ada")
    await erase(api)
    document = (await api.http.get("/api/leads/ada/export")).content
    typed = json.loads(msgspec.json.encode(msgspec.json.decode(document, type=ExportView)))
    for event in typed["events"]:
        assert event.pop("discarded") is None
    assert typed == json.loads(document)


async def test_an_export_is_whole_however_many_events_there_are(api):
    events = [
        {"leadId": "busy", "type": "page_view", "properties": {"name": f"name {n}", "n": n}}
        for n in range(450)
    ]
    await api.store(*events)
    await api.work()
    exported = await export(api, "busy")
    views = [one["properties"] for one in exported["events"] if one["type"] == "page_view"]
    assert views == [{"name": f"name {n}", "n": n} for n in reversed(range(450))]
    assert len(exported["history"]) == len(exported["events"]) >= 450


async def test_an_export_comes_in_pieces_and_is_not_kept_by_caches(api):
    await api.store(
        *({"leadId": "busy", "type": "form", "properties": {"message": "x" * 20_000}} for _ in range(20))
    )
    async with api.http.stream("GET", "/api/leads/busy/export") as answer:
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["cache-control"] == "no-store"
        assert "content-length" not in answer.headers
        whole = json.loads(await answer.aread())
    assert len(whole["events"]) == 20


async def test_after_the_erasure_an_export_says_so(api, ada):
    await erase(api)
    exported = await export(api)
    assert exported["personalDataKey"] is None
    assert {one["properties"]["email"] for one in exported["events"] if "email" in one["properties"]} == {
        "[erased]"
    }
    assert {one["action"] for one in exported["auditLog"]} == {  # of the same millisecond
        "personal_data.exported",
        "personal_data.erased",
    }


async def test_each_reading_of_a_persons_data_leaves_an_entry_in_the_audit_log(api, ada):
    for _ in range(2):
        await export(api)
    entries = (await api.get("/api/audit", target="ada"))["items"]
    assert [(one["action"], one["who"]["keyId"]) for one in entries] == [
        ("personal_data.exported", api.key.key.key_id)
    ] * 2


async def test_an_event_that_nothing_can_be_made_of_is_in_the_export_all_the_same(api):
    await api.store({"leadId": "odd", "type": "signup", "eventId": "odd-1", "properties": FORM})
    await api.runtime.store.database["events"].update_one(
        {"eventId": "odd-1"}, {"$set": {"schemaVersion": 99, "properties.extra": [1]}, "$unset": {"type": ""}}
    )
    await api.work()
    exported = await export(api, "odd")
    (event,) = exported["events"]
    assert event["properties"] == {**FORM, "extra": [1]}
    assert exported["deadLetters"] == (await api.get("/api/dead-letters"))["items"]
    assert [letter["eventId"] for letter in exported["deadLetters"]] == ["odd-1"]


async def test_of_an_event_the_export_shows_what_is_named_and_by_whom_it_was_discarded(api, ada):
    mark = {"at": to_datetime(api.runtime.now()), "by": "ada@ops", "reason": "broken form"}
    await api.store({"leadId": "odd", "type": "signup", "eventId": "odd-1", "properties": FORM})
    change = {"discarded": mark, "internal": "of a later version"}
    await api.runtime.store.database["events"].update_one({"eventId": "odd-1"}, {"$set": change})
    (event,) = (await export(api, "odd"))["events"]
    assert event.pop("discarded") == {**mark, "at": api.at()}
    plain = (await export(api))["events"][0]
    assert set(event) == set(plain) == {field.encode_name for field in fields(EventView)}
    assert event["properties"] == FORM


async def test_a_sender_cannot_pass_a_text_off_as_sealed(api):
    stored = {"leadId": "ada", "type": "form", "properties": FORM, "source": "sealed:1:x:y"}
    await api.store(stored)
    (document,) = await api.runtime.store.database["events"].find().to_list()
    stolen = document["properties"]["email"]
    await api.store({"leadId": "ada", "type": "form", "properties": {"path": stolen}})
    newest, oldest = (await export(api))["events"]
    assert newest["properties"] == {"path": stolen}
    assert oldest["source"] == "sealed:1:x:y"


async def test_who_set_a_stage_and_why_is_shown_to_readers_and_in_the_export(api):
    said = {"stage": "hot", "by": "carol@sales", "why": "she called"}
    await api.store({"leadId": "ada", "type": "stage.set", "properties": said})
    await api.work()
    (state,) = [doc["state"] for doc in await api.runtime.store.database["leads"].find().to_list()]
    assert "carol" not in state
    held = (await api.get("/api/leads/ada/intelligence"))["details"]["stageSetBy"]
    assert (held["stage"], held["by"], held["why"]) == ("hot", "carol@sales", "she called")
    override = (await export(api))["state"]["override"]
    assert (override["by"], override["why"]) == ("carol@sales", "she called")
    await erase(api)
    held = (await api.get("/api/leads/ada/intelligence"))["details"]["stageSetBy"]
    assert (held["by"], held["why"]) == ("[erased]", "[erased]")


async def test_while_keys_cannot_be_read_events_are_refused_for_now_and_none_is_stored(api):
    async with api.failing("find", errorCode=13436):
        answer = await api.send({"leadId": "ada", "type": "signup", "properties": FORM})
    assert api.problem(answer, 503)["code"] == "unavailable"
    assert answer.headers["retry-after"]
    assert await api.stored() == 0


# --- Blocking ---


async def test_a_blocked_lead_is_answered_410_and_in_a_batch_per_event(api, ada, monkeypatch):
    monkeypatch.setattr("workflows.privacy.block.FRESH_SECONDS", 0)
    assert (await api.http.delete("/api/leads/ada/personal-data?block=true")).status_code == 200
    one = {"leadId": "ada", "type": "signup", "eventId": "new"}
    assert api.problem(await api.send(one), 410)["code"] == "lead-blocked"
    for headers in ({}, {"prefer": "handling=lenient"}):
        batch = (await api.send([one, {**one, "leadId": "eve", "eventId": str(headers)}], **headers)).json()
        assert (batch["accepted"], batch["blocked"]) == (1, 1)
        assert batch["results"][0] == {"eventId": "new", "leadId": "ada", "status": "blocked"}
    assert (await export(api))["blockedSince"] is not None
    for was_blocked in (True, False):
        lifted = await api.http.delete("/api/leads/ada/block")
        assert lifted.json() == {"leadId": "ada", "wasBlocked": was_blocked}
    assert (await api.send(one)).status_code == 202
