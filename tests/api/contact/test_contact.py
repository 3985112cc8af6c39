"""Calls and notes: events of the lead with their author, their text encrypted, stored once however often they are sent."""

from __future__ import annotations

import pytest

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in

PATH = "/api/leads/ada"
REACHED = ("connected", "meeting-booked", "callback", "not-interested")
NOT_REACHED = ("no-answer", "voicemail", "busy", "wrong-number")


@pytest.fixture(autouse=True)
async def lead(api, monkeypatch):
    """A lead that has written an hour ago, scored by `standard`."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))
    await api.store({"leadId": "ada", "type": "email_reply", "occurredAt": api.at(hours=-1)})
    await api.work()


async def record(api, call, key="", **body):
    headers = {"idempotency-key": key} if key else {}
    return await api.http.post(f"{PATH}/{call}", json=body, headers=headers)


async def score(api):
    await api.work()
    return await api.get(f"{PATH}/intelligence")


@pytest.mark.parametrize("outcome", REACHED)
async def test_a_call_with_the_lead_scores_and_answers_it(api, outcome):
    before = await score(api)
    answer = await record(api, "calls", outcome=outcome, minutes=3.5)
    assert answer.status_code == 202, answer.text
    after = await score(api)
    assert after["position"] >= answer.json()["position"]
    assert after["score"] > before["score"]
    assert "call" in {reason["ruleId"] for reason in after["reasons"]}
    assert (before["details"]["openConversation"], after["details"]["openConversation"]) == (True, False)
    assert after["details"]["activities"] == before["details"]["activities"] + 1


@pytest.mark.parametrize("outcome", NOT_REACHED)
async def test_a_call_that_reached_nobody_is_no_sign_of_life_and_no_answer(api, outcome):
    before = await score(api)
    await record(api, "calls", outcome=outcome)
    after = await score(api)
    assert after["score"] < before["score"]
    assert after["details"]["openConversation"]
    assert after["details"]["lastActivityAt"] == before["details"]["lastActivityAt"]


@pytest.mark.parametrize("rulebook", ["standard", "classic"])
async def test_a_note_changes_nothing_about_the_lead(api, monkeypatch, rulebook):
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in(rulebook)))
    before = await score(api)
    assert (await record(api, "notes", note="Prefers mornings")).status_code == 202
    after = await score(api)
    assert {**after, "position": 0} == {**before, "position": 0}


async def test_the_text_is_encrypted_and_the_author_is_the_caller(api):
    async with api.signed_in("rep") as ben:
        for call, body in (
            ("notes", {"note": "his son is ill"}),
            ("calls", {"outcome": "busy", "note": "his son"}),
        ):
            answer = await ben.http.post(f"{PATH}/{call}", json=body)
            assert answer.status_code == 202, answer.text
    events = (await api.get(f"{PATH}/events", limit=2))["items"]
    assert {event["properties"]["author"] for event in events} == {ben.person.person_id}
    assert [event["properties"]["note"] for event in events] == ["his son", "his son is ill"]
    stored = await api.runtime.store.database["events"].find({}).to_list()
    assert "his son" not in str(stored)
    await api.http.delete(f"{PATH}/personal-data")
    assert "his son" not in (await api.http.get(f"{PATH}/timeline")).text


@pytest.mark.parametrize(("call", "body"), [("notes", {"note": "x"}), ("calls", {"outcome": "busy"})])
async def test_the_same_again_is_stored_once(api, call, body):
    by_key = [(await record(api, call, "k1", **body)).json() for _ in range(2)]
    by_id = [(await record(api, call, eventId="mine-1", **body)).json() for _ in range(2)]
    for first, second in (by_key, by_id):
        assert (first["status"], second["status"]) == ("accepted", "duplicate")
        assert first["position"] == second["position"]
    assert by_id[0]["eventId"] == "mine-1"
    assert await api.stored() == 3 + (await api.get("/api/tasks"))["items"].__len__()
    other = {**body, "note": "something else"}
    api.problem(await record(api, call, "k1", **other), 409)
    again = await record(api, call, "k2", **body)
    assert again.json()["status"] == "accepted"


@pytest.mark.parametrize(
    ("call", "body", "pointer"),
    [
        ("calls", {}, "/outcome"),
        ("calls", {"outcome": "x"}, "/outcome"),
        ("calls", {"outcome": "busy", "minutes": -1}, "/minutes"),
        ("calls", {"outcome": "busy", "occurredAt": "2026-01-01"}, "/occurredAt"),
        ("calls", {"outcome": "busy", "author": "me"}, "/author"),
        ("notes", {"note": ""}, "/note"),
        ("notes", {"note": "x" * 10_001}, "/note"),
        ("notes", {"note": "x", "eventId": ""}, "/eventId"),
    ],
)
async def test_what_is_wrong_is_refused_by_name(api, call, body, pointer):
    problem = api.problem(await record(api, call, **body), 400)
    assert {fault["pointer"].rsplit("/", 1)[0] or fault["pointer"] for fault in problem["errors"]} == {
        pointer
    }
    assert await api.stored() == 1


async def test_a_lead_that_is_not_there_or_not_visible_has_no_records(api, monkeypatch):
    for call, body in (("notes", {"note": "x"}), ("calls", {"outcome": "busy"})):
        api.problem(await api.http.post(f"/api/leads/nobody/{call}", json=body), 404)
    assert await api.stored() == 1
