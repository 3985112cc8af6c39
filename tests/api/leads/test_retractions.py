"""POST /api/leads/{leadId}/retractions."""

from __future__ import annotations

import pytest

VIEWS = [
    {"leadId": "ada", "type": "demo_request", "eventId": "shop/17"},
    {"leadId": "ada", "type": "page_view", "eventId": "e2"},
]


@pytest.fixture
async def ada(api):
    await api.store(*VIEWS)
    await api.work()
    return await api.get("/api/leads/ada/intelligence")


async def retracted(api, event_id, status=202):
    body = {"eventId": event_id, "why": "a scanner of mails"}
    answer = await api.http.post("/api/leads/ada/retractions", json=body)
    assert answer.status_code == status, answer.text
    await api.work()
    return answer.json()


async def test_a_retracted_event_counts_no_longer_and_again_once_that_is_retracted(api, ada):
    first = await retracted(api, "shop/17")
    assert first["retractedEventId"] == "shop/17"
    without = await api.get(f"/api/leads/ada/intelligence?after={first['position']}")
    assert without["score"] < ada["score"]
    assert "demo_request" not in str(without["reasons"])
    events = [
        event
        for event in (await api.get("/api/leads/ada/events"))["items"]
        if event["type"] not in {"task.created", "tag.added"}
    ]
    assert [event["type"] for event in events] == ["event.retracted", "page_view", "event.discarded"]
    assert events[0]["properties"]["why"] == "a scanner of mails"

    await retracted(api, first["eventId"])
    assert (await api.get("/api/leads/ada/intelligence"))["score"] == pytest.approx(ada["score"], abs=0.02)


async def test_what_is_retracted_already_is_a_conflict_and_what_is_not_there_is_not_found(api, ada):
    await retracted(api, "e2")
    assert (await retracted(api, "e2", 409))["code"] == "conflict"
    assert (await retracted(api, "nothing", 404))["code"] == "not-found"
    answer = await api.http.post("/api/leads/nobody/retractions", json={"eventId": "e2", "why": "x"})
    assert api.problem(answer, 404)


async def test_senders_do_not_send_retractions_as_events(api, ada):
    problem = await api.refuses(
        {"leadId": "ada", "type": "event.retracted", "properties": {"eventId": "e2", "position": 2}}
    )
    assert problem["errors"][0]["pointer"] == "/type"
    assert "retractions" in problem["errors"][0]["detail"]
