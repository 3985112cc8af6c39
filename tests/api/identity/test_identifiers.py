"""Events with identifiers over HTTP, and the search by them."""

from __future__ import annotations

import pytest

VIEW = {"type": "page_view"}


async def post(api, event, **headers):
    answer = await api.http.post("/api/events", json=event, headers=headers)
    assert answer.status_code == 202, answer.text
    return answer.json()["results"]


async def test_an_event_with_identifiers_is_stored_and_its_result_names_the_lead(api):
    said = {"email": "Ada@example.com", "hubspotId": "17"}
    (first,) = await post(api, {**VIEW, "identifiers": said})
    (second,) = await post(api, [{**VIEW, "leadId": None, "identifiers": {"hubspotId": "17"}}])
    assert first["leadId"] == second["leadId"]
    await api.work()
    assert (await api.get(f"/api/leads/{first['leadId']}"))["leadId"] == first["leadId"]


@pytest.mark.parametrize(
    ("event", "pointers"),
    [
        ({**VIEW}, ["/leadId"]),
        ({**VIEW, "identifiers": {}}, ["/leadId"]),
        ({**VIEW, "identifiers": {"email": "ada"}}, ["/identifiers/email"]),
        (
            {**VIEW, "identifiers": {"email": "ada", "userId": 5}},
            ["/identifiers/userId", "/identifiers/email"],
        ),
        ({**VIEW, "identifiers": {"emial": "a@example.com"}}, ["/identifiers/emial"]),
        ({**VIEW, "identifiers": {"phone": "0170 1234567"}}, ["/identifiers/phone"]),
        ({**VIEW, "leadId": "x", "identifiers": {"userId": "null"}}, ["/identifiers/userId"]),
        ({**VIEW, "identifiers": "ada"}, ["/identifiers"]),
        ({**VIEW, "identifiers": {f"x{'y' * n}Id": "1" for n in range(11)}}, ["/identifiers"]),
    ],
)
async def test_wrong_identifiers_are_refused_by_name_and_nothing_is_stored(api, event, pointers):
    problem = await api.refuses(event, *pointers)
    assert "ada@" not in str(problem)
    assert await api.runtime.store.database["events"].count_documents({}) == 0
    assert await api.runtime.store.database["identities"].count_documents({}) == 0


async def test_of_a_lenient_batch_the_events_with_sound_identifiers_are_stored(api):
    batch = [
        {**VIEW, "identifiers": {"email": "ada"}},
        {**VIEW, "identifiers": {"email": "ada@example.com"}},
    ]
    refused, stored = await post(api, batch, Prefer="handling=lenient")
    assert refused["problem"]["errors"][0]["pointer"] == "/0/identifiers/email"
    assert stored["status"] == "accepted"


async def test_a_lead_is_found_exactly_however_its_identifier_is_written(api):
    said = {"email": "ada@example.com", "phone": "+16502530000", "userId": "7", "anonymousId": "a"}
    (stored,) = await post(api, {**VIEW, "identifiers": said})
    await post(api, {**VIEW, "identifiers": {"email": "adam@example.com"}})
    await api.work()
    for query in (
        {"email": " ADA@example.com"},
        {"phone": "+1 (650) 253-0000"},
        {"userId": "7"},
        {"anonymousId": "a"},
    ):
        found = await api.get("/api/leads", **query)
        assert [one["leadId"] for one in found["items"]] == [stored["leadId"]]
        assert found["nextCursor"] is None
    assert (await api.get("/api/leads", email="nobody@example.com"))["items"] == []


@pytest.mark.parametrize(
    ("query", "name"),
    [({"email": "ada"}, "email"), ({"phone": "1"}, "phone"), ({"userId": "7", "stage": "hot"}, "stage")],
)
async def test_a_search_by_what_identifies_nobody_is_refused_by_name(api, query, name):
    answer = await api.http.get("/api/leads", params=query)
    assert api.problem(answer, 400)["errors"][0]["pointer"] == f"?{name}"
