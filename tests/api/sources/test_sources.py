"""Sources over HTTP: their write keys, their changes, and their end."""

from __future__ import annotations

import pytest

MESSAGE = {"type": "track", "event": "Demo Requested", "userId": "u-1", "messageId": "m-1"}


async def test_a_source_is_shown_with_its_write_key_once(api, new_source):
    made = (await new_source("website", events={"Demo Requested": "demo.requested"})).source
    shown = await api.get(f"/api/sources/{made['id']}")
    assert "writeKey" not in shown
    assert shown["events"] == {"Demo Requested": "demo.requested"}
    assert shown.pop("rejected") == 0
    assert (await api.get("/api/sources"))["items"] == [shown]
    assert shown | {"writeKey": made["writeKey"]} == made


async def test_a_write_key_can_send_events_and_nothing_else(api, sender):
    key = await api.get(f"/api/keys/{sender.source['keyId']}")
    assert key["scopes"] == ["ingest"]
    for path in ("/api/leads", "/api/sources", "/api/keys", f"/api/sources/{sender.source['id']}/rejected"):
        assert (await api.ask("GET", path, sender.write_key)).status_code == 403
    shown = {"authorization": f"Bearer {sender.write_key}"}
    answer = await sender.post("/api/leads", {"email": "ada@example.com"}, **shown)
    assert "write key" in api.problem(answer, 403)["detail"]
    assert await api.stored() == 0


async def test_a_source_shows_how_much_was_rejected(api, sender):
    await sender.batch({**MESSAGE, "userId": None}, MESSAGE)
    assert (await api.get(f"/api/sources/{sender.source['id']}"))["rejected"] == 1


async def test_a_name_is_given_once(api, new_source):
    await new_source("website")
    answer = await api.http.post("/api/sources", json={"name": "website"})
    assert api.problem(answer, 409)["code"] == "conflict"
    assert len((await api.get("/api/sources"))["items"]) == 1
    assert len((await api.get("/api/keys"))["items"]) == 2, "no key is left behind"


async def test_a_changed_mapping_counts_from_the_next_message(api, sender):
    await sender.batch({**MESSAGE, "messageId": "m-1"})
    answer = await api.http.patch(
        f"/api/sources/{sender.source['id']}", json={"events": {"Demo Requested": "demo.requested"}}
    )
    assert answer.status_code == 200, answer.text
    await sender.batch({**MESSAGE, "messageId": "m-2"})
    assert [event.type for event in await sender.events()] == ["Demo Requested", "demo.requested"]


async def test_a_deleted_source_is_no_sender_any_more(api, sender):
    await sender.batch(MESSAGE, {"type": "track", "userId": "u-1"})
    assert (await api.http.delete(f"/api/sources/{sender.source['id']}")).status_code == 204
    await api.authenticator.context.keyring.refresh()
    assert (await sender.post("/v1/batch", {"batch": [MESSAGE]})).status_code == 401
    assert await api.stored() == 1, "its events stay"
    assert await api.runtime.store.database["rejectedItems"].count_documents({}) == 0
    assert (await api.http.get(f"/api/sources/{sender.source['id']}")).status_code == 404
    actions = [entry["action"] for entry in (await api.get("/api/audit"))["items"]]
    assert {"source.deleted", "source.created"} <= set(actions)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"name": "x", "origins": ["https://a.example/"]}, "/origins/0"),
        ({"name": "x", "events": {"A": ""}}, "/events/A"),
        ({"name": "x", "identifiers": {"shoeSize": "properties.size"}}, "/identifiers/shoeSize/[key]"),
        ({"name": "x", "colour": "red"}, "/colour"),
    ],
)
async def test_a_wrong_field_is_named_and_nothing_is_stored(api, body, pointer):
    problem = api.problem(await api.http.post("/api/sources", json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert (await api.get("/api/sources"))["items"] == []
