"""Dead letters over HTTP, and the `incomplete` part of a blocked lead's intelligence."""

from __future__ import annotations

import pytest

from workflows.leads.process import process_leads

EVENTS = [
    {"leadId": "sick", "type": "signup", "eventId": "e-1"},
    {"leadId": "sick", "type": "page_view", "eventId": "e-2", "properties": {"path": "/pricing"}},
    {"leadId": "sick", "type": "download", "eventId": "e-3"},
]
WHY = {"eventId": "e-2", "reason": "sent by a broken form"}


@pytest.fixture
async def sick(api):
    """A lead of three events of which the second cannot be read any more."""
    await api.store(*EVENTS)
    await api.runtime.store.database["events"].update_one({"eventId": "e-2"}, {"$set": {"schemaVersion": 99}})
    for _ in range(api.runtime.settings.fold_attempts):
        await process_leads(api.runtime, ["sick"])
    await api.framework.state.incomplete.refresh()
    return "sick"


async def mend(api):
    await api.runtime.store.database["events"].update_one({"eventId": "e-2"}, {"$set": {"schemaVersion": 1}})


async def test_a_dead_letter_says_which_event_holds_the_lead_up_and_why(api, sick):
    (letter,) = (await api.get("/api/dead-letters"))["items"]
    assert letter == {
        "leadId": "sick",
        "state": "quarantined",
        "eventId": "e-2",
        "position": 2,
        "reason": letter["reason"],
        "attempts": 3,
        "firstAt": api.at(),
        "lastAt": api.at(),
    }
    assert "schema version 99" in letter["reason"]
    shown = await api.get("/api/dead-letters/sick")
    assert {name: shown[name] for name in letter} == letter
    assert (shown["appliedPosition"], shown["waitingEvents"]) == (1, 2)
    assert shown["event"]["properties"] == {"path": "/pricing"}
    assert shown["event"]["schemaVersion"] == 99
    assert shown["event"]["occurredAt"].startswith("2026-11-22T12:00:00")


async def test_of_an_event_that_cannot_be_read_the_list_of_events_tells_why_and_shows_all_others(api, sick):
    third, second, first = (await api.get("/api/leads/sick/events"))["items"]
    assert (first["eventId"], third["eventId"]) == ("e-1", "e-3")
    assert (second["position"], second["eventId"], second["occurredAt"]) == (2, "e-2", api.at())
    assert (second["type"], second["source"]) == ("event.unreadable", "lead-engine")
    assert second["properties"]["type"] == "page_view"
    assert "schema version 99" in second["properties"]["reason"]


@pytest.mark.parametrize(
    "change", [{"properties": 99}, {"type": None}, {"source": [1]}, {"occurredAt": "now"}]
)
async def test_whatever_is_wrong_with_a_stored_event_the_list_of_events_is_shown(api, change):
    await api.store(*EVENTS)
    await api.runtime.store.database["events"].update_one({"eventId": "e-2"}, {"$set": change})
    _, second, _ = (await api.get("/api/leads/sick/events"))["items"]
    assert (second["type"], second["eventId"]) == ("event.unreadable", "e-2")
    assert second["properties"]["reason"]


async def test_every_read_of_the_lead_says_that_it_is_blocked(api, sick):
    found = await api.get("/api/leads/sick/intelligence")
    assert found["score"] == 20
    assert found["incomplete"] == {
        "heldUpAt": {"state": "quarantined", "eventId": "e-2", "position": 2, "since": api.at()},
        "discardedEvents": 0,
    }


@pytest.mark.parametrize(
    "query", [{"asOf": "2026-11-22T12:00:01Z"}, {"knownAt": "2026-11-22T12:00:01Z"}, {"rulebook": "standard"}]
)
async def test_every_read_of_a_blocked_lead_counts_the_events_that_could_be_applied(api, sick, query):
    found = await api.get("/api/leads/sick/intelligence", **query)
    assert (found["score"], found["position"]) == (20, 1)
    assert found["incomplete"]["heldUpAt"]["eventId"] == "e-2"


async def test_a_lead_all_of_whose_events_count_is_not_incomplete(api, ada):
    assert (await api.get("/api/leads/ada/intelligence"))["incomplete"] is None


async def test_after_a_mend_the_lead_is_folded_again(api, sick):
    await mend(api)
    answer = await api.http.post("/api/dead-letters/sick/retry")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["attempts"]) == ("retrying", 0)
    await api.work()
    await api.framework.state.incomplete.refresh()
    found = await api.get("/api/leads/sick/intelligence")
    assert (found["score"], found["incomplete"]) == (31, None)
    assert (await api.get("/api/dead-letters"))["items"] == []


async def test_without_the_event_the_lead_goes_on_and_everybody_is_told(api, sick):
    answer = await api.http.post("/api/dead-letters/sick/discard", json=WHY)
    assert answer.status_code == 202
    assert answer.json() == {"leadId": "sick", "eventId": "e-2"}
    await api.work()
    await api.framework.state.incomplete.refresh()
    found = await api.get("/api/leads/sick/intelligence")
    assert found["score"] == 30
    assert found["incomplete"] == {"heldUpAt": None, "discardedEvents": 1}
    discarded = (await api.get("/api/leads/sick/events"))["items"][1]
    assert (discarded["eventId"], discarded["type"], discarded["source"]) == (
        "e-2",
        "event.discarded",
        "lead-engine",
    )
    assert discarded["properties"]["type"] == "page_view"
    assert discarded["properties"]["reason"] == WHY["reason"]
    assert discarded["properties"]["by"] == f"key (tests, {api.key.key.key_id})"
    rows = (await api.get("/api/leads/sick/history"))["items"]
    assert [(row["type"], row["newScore"]) for row in rows] == [
        ("download", 30),
        ("event.discarded", 20),
        ("signup", 20),
    ]
    assert await api.get("/api/leads/sick/intelligence", asOf=api.at(), knownAt=api.at())
    (entry,) = (await api.get("/api/audit", target="sick"))["items"]
    assert (entry["action"], entry["who"]["name"]) == ("dead_letter.discarded", "tests")
    assert (await api.send(EVENTS[1])).json()["duplicates"] == 1


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({}, ["/eventId", "/reason"]),
        ({"eventId": "e-2", "reason": ""}, ["/reason"]),
        ({"eventId": "", "reason": "x"}, ["/eventId"]),
        ({**WHY, "force": True}, ["/force"]),
    ],
)
async def test_a_wish_without_event_and_reason_is_refused(api, sick, body, pointers):
    answer = await api.http.post("/api/dead-letters/sick/discard", json=body)
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == pointers
    assert await api.runtime.capture.discards.count() == 0


async def test_another_event_than_the_one_that_holds_it_up_is_not_discarded(api, sick):
    answer = await api.http.post("/api/dead-letters/sick/discard", json={**WHY, "eventId": "e-1"})
    assert "held up by event 'e-2'" in api.problem(answer, 409)["detail"]
    await api.http.post("/api/dead-letters/sick/retry")
    api.problem(await api.http.post("/api/dead-letters/sick/discard", json=WHY), 409)
    assert await api.runtime.capture.discards.count() == 0


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("post", "/retry"), ("post", "/discard")])
async def test_a_lead_without_a_dead_letter_is_404(api, ada, method, path):
    body = {"json": WHY} if path == "/discard" else {}
    answer = await api.http.request(method, f"/api/dead-letters/ada{path}", **body)
    assert api.problem(answer, 404)["detail"] == "There is no dead letter of lead 'ada'."


async def test_pages_lead_through_all_dead_letters_of_a_state(api):
    for number in range(5):
        for _ in range(3 if number % 2 == 0 else 1):
            await api.runtime.operations.dead_letters.record_failure(
                f"lead-{number}", 1, "e", "why", api.clock.at
            )
        api.wait(seconds=number % 2)
    seen, path = [], "/api/dead-letters?state=quarantined&limit=2"
    while path:
        answer = await api.http.get(path)
        seen += [one["leadId"] for one in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert sorted(seen) == ["lead-0", "lead-2", "lead-4"]
    assert len((await api.get("/api/dead-letters", state="retrying"))["items"]) == 2


async def test_a_letter_of_a_lead_whose_event_is_not_known_is_shown_without_one(api):
    await api.runtime.operations.dead_letters.record_failure("x", 0, "", "its worker died", api.clock.at)
    shown = await api.get("/api/dead-letters/x")
    assert (shown["eventId"], shown["position"], shown["event"]) == (None, None, None)
