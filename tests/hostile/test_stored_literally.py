"""Texts that MongoDB could take for operators, paths or expressions are stored, folded and shown as they are."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from workflows.leads.process import process_leads

EXPRESSIONS = ["$gt", "$where", "$$ROOT", "$properties.secret", '{"$gt":""}', "{$ne:1}", "a.$[].b", "$"]


@pytest.mark.parametrize("text", EXPRESSIONS)
async def test_an_event_made_of_expressions_comes_back_as_it_was_sent(attacked, text):
    event = {
        "leadId": f"lit {text}",
        "type": "tag.added",
        "eventId": f"e {text}",
        "source": text,
        "properties": {"tag": text, "list": [text, {"deep": text}]},
    }
    answer = await attacked.http.post("/api/events", json=event)
    assert answer.status_code == 202, answer.text
    await process_leads(attacked.runtime, [event["leadId"]])
    path = f"/api/leads/{quote(event['leadId'], safe='')}"
    (shown,) = (await attacked.http.get(f"{path}/events")).json()["items"]
    assert {name: shown[name] for name in event} == event
    assert (await attacked.http.get(path)).json()["tags"] == [text]


@pytest.mark.parametrize("text", EXPRESSIONS)
async def test_names_and_descriptions_made_of_expressions_are_kept_as_they_are(attacked, text):
    made = await attacked.http.post("/api/keys", json={"name": text, "scopes": ["read"]})
    assert made.status_code in (201, 400), made.text
    if made.status_code == 201:
        assert made.json()["name"] == text
        await attacked.http.post(f"/api/keys/{made.json()['id']}/revoke")
    path = attacked.address("/api/webhook-endpoints/{endpoint_id}")
    assert (await attacked.http.patch(path, json={"description": text})).json()["description"] == text
    log = await attacked.http.get("/api/audit", params={"target": attacked.names["endpoint_id"], "limit": 1})
    (entry,) = log.json()["items"]
    assert entry["after"]["description"] == text


@pytest.mark.parametrize("text", EXPRESSIONS)
async def test_a_failure_and_a_discard_in_such_words_are_told_in_these_words(attacked, text):
    lead, letters = f"bad {text}", attacked.runtime.operations.dead_letters
    event = {"leadId": lead, "type": "page_view", "eventId": f"bad {text}"}
    await attacked.http.post("/api/events", json=event)
    for _ in range(attacked.runtime.settings.fold_attempts):
        await letters.record_failure(lead, 0, "", text, attacked.runtime.now())
    path = f"/api/dead-letters/{quote(lead, safe='')}"
    assert (await attacked.http.get(path)).json()["reason"] == text
    answer = await attacked.http.post(f"{path}/discard", json={"eventId": f"bad {text}", "reason": text})
    assert answer.status_code == 202, answer.text
    (discarded,) = (await attacked.http.get(f"/api/leads/{quote(lead, safe='')}/events")).json()["items"]
    assert discarded["properties"]["reason"] == text
