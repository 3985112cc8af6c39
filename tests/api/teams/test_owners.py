"""Owners and claims of leads over HTTP."""

from __future__ import annotations

import asyncio

import pytest


@pytest.fixture
async def ben(api, ada):
    async with api.signed_in("rep", "ben@example.com") as ben:
        yield ben


@pytest.fixture
async def eve(api, ada):
    async with api.signed_in("rep", "eve@example.com") as eve:
        yield eve


async def assign(browser, person_id, why="", lead="ada"):
    return await browser.http.put(f"/api/leads/{lead}/owner", json={"ownerId": person_id, "why": why})


async def test_an_assignment_is_an_event_and_the_lead_has_the_owner_when_it_is_applied(api, ben):
    answer = await assign(ben, ben.person.person_id, "I know her")
    assert answer.status_code == 202
    await api.work()

    assert (await api.get("/api/leads/ada"))["ownerId"] == ben.person.person_id
    event = (await api.get("/api/leads/ada/events"))["items"][0]
    assert (event["type"], event["position"]) == ("lead.assigned", answer.json()["position"])
    assert event["properties"] == {
        "ownerId": ben.person.person_id,
        "by": ben.person.person_id,
        "why": "I know her",
        "rule": "by-hand",
    }


async def test_an_assignment_scores_nothing_and_ends_no_silence(api, ben):
    before = await api.get("/api/leads/ada")
    await assign(ben, ben.person.person_id)
    await api.work()

    after = await api.get("/api/leads/ada")

    for name in ("score", "stage", "velocity", "risk", "lastActivityAt"):
        assert after[name] == before[name]


async def test_a_lead_is_given_back_to_nobody(api, ben):
    for owner in (ben.person.person_id, None):
        assert (await assign(ben, owner)).status_code == 202
        await api.work()
        assert (await api.get("/api/leads/ada"))["ownerId"] == owner


async def test_a_rep_does_not_take_the_lead_of_another_but_the_lead_of_the_team_does(api, ben, eve):
    await assign(ben, ben.person.person_id)
    await api.work()
    assert api.problem(await assign(eve, eve.person.person_id), 403)["code"] == "forbidden"

    for person, leads in ((ben, False), (eve, True)):
        body = {"team": "North", "leads": leads}
        await api.http.put(f"/api/people/{person.person.person_id}/team", json=body)

    assert (await assign(eve, eve.person.person_id)).status_code == 202


async def test_nobody_who_cannot_work_becomes_an_owner(api, ben):
    async with api.signed_in("viewer") as viewer:
        await api.http.post(f"/api/people/{viewer.person.person_id}/deactivate")
        for owner in ("person_0", viewer.person.person_id, "$ne", ""):
            problem = api.problem(await assign(ben, owner), 400)
            assert [fault["pointer"] for fault in problem["errors"]] == ["/ownerId"]
    assert api.problem(await assign(ben, None, lead="nobody"), 404)


async def test_of_two_claims_at_once_one_is_refused(api, ben, eve):
    answers = await asyncio.gather(
        *(who.http.post("/api/leads/ada/claim") for who in (ben, eve) for _ in range(3))
    )

    holders = {one.json()["personId"] for one in answers if one.status_code == 200}
    assert len(holders) == 1
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 409, 409, 409]


async def test_a_claim_holds_ten_minutes_and_can_be_renewed_and_released(api, ben, eve):
    claim = (await ben.http.post("/api/leads/ada/claim")).json()
    assert claim == {"leadId": "ada", "personId": ben.person.person_id, "until": api.at(minutes=10)}
    api.wait(minutes=9)
    assert (await ben.http.post("/api/leads/ada/claim")).json()["until"] == api.at(minutes=19)
    api.wait(minutes=9)
    assert (await eve.http.post("/api/leads/ada/claim")).status_code == 409
    assert (await eve.http.delete("/api/leads/ada/claim")).status_code == 404
    api.wait(minutes=1)
    assert (await eve.http.post("/api/leads/ada/claim")).status_code == 200
    assert (await eve.http.delete("/api/leads/ada/claim")).status_code == 204
    assert (await ben.http.post("/api/leads/ada/claim")).status_code == 200


async def test_a_key_claims_nothing(api, ada):
    assert api.problem(await api.http.post("/api/leads/ada/claim"), 403)["code"] == "forbidden"
