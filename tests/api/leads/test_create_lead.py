"""POST /api/leads: a lead is created once, found afterwards, and answers repeat."""

from __future__ import annotations

import asyncio

import pytest

ADA = {"email": "ada@example.com", "name": "Ada", "attributes": {"companySize": 120}}


async def create(api, body, status, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = await api.http.post("/api/leads", json=body, headers=named)
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_lead_is_created_and_found_again(api):
    first = await create(api, ADA, 201)
    assert first["created"] is True
    again = await create(api, {"email": "ADA@Example.com", "phone": "+4930123456"}, 200)
    assert (again["leadId"], again["created"]) == (first["leadId"], False)
    by_phone = await create(api, {"phone": "+49 30 123456"}, 200)
    assert by_phone["leadId"] == first["leadId"]
    await api.work()
    events = (await api.get(f"/api/leads/{first['leadId']}/events"))["items"]
    assert events[-1]["type"] == "lead.updated"
    assert events[-1]["properties"] == {"name": "Ada", "email": "ada@example.com", "companySize": 120}
    assert events[-1]["source"] == "api"


async def test_a_repeated_key_gets_the_first_answer_and_stores_nothing(api):
    first = await create(api, ADA, 201, idempotency_key="k1")
    await create(api, {"email": "ada@example.com"}, 200)
    assert await create(api, ADA, 201, idempotency_key="k1") == first
    assert await api.runtime.capture.log.count() == 2
    answer = await api.http.post(
        "/api/leads", json={"email": "bob@example.com"}, headers={"Idempotency-Key": "k1"}
    )
    assert api.problem(answer, 422)["code"] == "idempotency-key-reused"


async def test_sixteen_requests_at_once_make_one_lead(api):
    body = {"email": "new@example.com"}
    answers = await asyncio.gather(*(api.http.post("/api/leads", json=body) for _ in range(16)))
    assert {answer.status_code for answer in answers} <= {200, 201}
    assert len({answer.json()["leadId"] for answer in answers}) == 1
    assert sum(answer.status_code == 201 for answer in answers) == 1


async def test_consent_is_an_event_of_its_own(api):
    consent = {"given": True, "channel": "email", "text": "Yes, write to me"}
    lead = await create(api, {**ADA, "consent": consent}, 201)
    await create(api, {**ADA, "consent": {"given": False}}, 200)
    events = (await api.get(f"/api/leads/{lead['leadId']}/events"))["items"]
    kinds = {one["type"]: one["properties"] for one in events}
    assert kinds["consent.given"] == {"channel": "email", "text": "Yes, write to me"}
    assert kinds["consent.withdrawn"] == {}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/email"),
        ({"name": "Ada"}, "/email"),
        ({"email": "nobody"}, "/email"),
        ({"phone": "12"}, "/phone"),
        ({"email": "ada@example.com", "attributes": {"email": "x"}}, "/attributes/email"),
        ({"email": "ada@example.com", "attributes": {"": "x"}}, "/attributes/"),
        ({"email": "ada@example.com", "attributes": {"n": 2**70}}, "/attributes/n"),
        ({"email": "ada@example.com", "source": "lead-engine"}, "/source"),
        ({"email": "ada@example.com", "mail": "x"}, "/mail"),
        ({"email": "ada@example.com", "consent": {"given": "yes"}}, "/consent/given"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(api, body, pointer):
    problem = api.problem(await api.http.post("/api/leads", json=body), 400)
    assert problem["errors"][0]["pointer"] == pointer
    assert await api.runtime.capture.log.count() == 0


async def test_a_key_of_a_web_page_learns_of_nobody(api):
    page = await api.new_key("ingest", origins=("https://shop.example.com",))
    await api.authenticator.context.keyring.refresh()
    headers = {"Authorization": f"Bearer {page.token.text}", "Origin": "https://shop.example.com"}
    answer = await api.http.post("/api/leads", json=ADA, headers=headers)
    assert api.problem(answer, 403)
