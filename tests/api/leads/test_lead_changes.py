"""POST /api/lead-changes: one change of many leads, and what became of each."""

from __future__ import annotations

import pytest

PATH = "/api/lead-changes"


@pytest.fixture(autouse=True)
async def leads(api):
    await api.store(*({"leadId": lead_id, "type": "page_view"} for lead_id in ("ada", "bob", "cem")))
    await api.work()


async def change(api, who, *leads, headers=None, **body):
    """The results by lead."""
    answer = await who.http.post(PATH, json={"leads": leads, **body}, headers=headers)
    assert answer.status_code == 202, answer.text
    await api.work()
    results = answer.json()["results"]
    assert [one["leadId"] for one in results] == list(leads)
    return {one["leadId"]: one for one in results}


def statuses(results):
    return {lead: one["status"] for lead, one in results.items()}


async def tags(api, lead):
    return (await api.get(f"/api/leads/{lead}"))["tags"]


async def test_a_tag_is_added_to_leads_that_lack_it_and_removed_where_it_was_added(api):
    async with api.signed_in("rep") as ben:
        await change(api, ben, "ada", addTag="fair")
        found = await change(api, ben, "ada", "bob", "nobody", addTag="fair")
        assert statuses(found) == {"ada": "unchanged", "bob": "accepted", "nobody": "not-found"}
        assert [await tags(api, lead) for lead in ("ada", "bob", "cem")] == [["fair"], ["fair"], []]
        undone = await change(api, ben, "bob", "cem", removeTag="fair")
        assert statuses(undone) == {"bob": "accepted", "cem": "unchanged"}
        assert [await tags(api, lead) for lead in ("ada", "bob")] == [["fair"], []]
        event = (await api.get("/api/leads/bob/events"))["items"][0]
        assert (event["type"], event["source"]) == ("tag.removed", "people")
        assert event["properties"] == {"tag": "fair", "author": ben.person.person_id}


async def test_leads_are_assigned_with_the_rights_of_the_call_about_one(api):
    async with (
        api.signed_in("rep", "eve@example.com") as eve,
        api.signed_in("rep") as ben,
        api.signed_in("admin") as admin,
    ):
        await change(api, eve, "ada", assign={"ownerId": eve.person.person_id})
        own = {"ownerId": ben.person.person_id, "why": "mine now"}
        found = await change(api, ben, "ada", "bob", assign=own)
        assert statuses(found) == {"ada": "forbidden", "bob": "accepted"}
        assert (found["ada"]["position"], found["ada"]["ownerBefore"]) == (None, None)
        found = await change(api, admin, "ada", "bob", assign=own)
        assert statuses(found) == {"ada": "accepted", "bob": "unchanged"}
        assert found["ada"]["ownerBefore"] == eve.person.person_id
        assert (await api.get("/api/leads/ada"))["ownerId"] == ben.person.person_id
        (event, *_) = (await api.get("/api/leads/ada/events"))["items"]
        assert event["position"] == found["ada"]["position"]
        assert event["properties"]["why"] == "mine now"
        assert event["properties"]["by"] == admin.person.person_id


async def test_leads_that_the_caller_does_not_see_are_not_found(api, monkeypatch):
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "eve@example.com") as eve, api.signed_in("rep") as ben:
        await change(api, eve, "ada", assign={"ownerId": eve.person.person_id})
        for body in ({"addTag": "x"}, {"removeTag": "x"}, {"assign": {"ownerId": None}}):
            found = await change(api, ben, "ada", **body)
            nothing = {"leadId": "ada", "status": "not-found", "position": None, "ownerBefore": None}
            assert found["ada"] == nothing
        assert await tags(api, "ada") == []


async def test_a_repeated_call_under_one_key_changes_nothing_twice(api):
    async with api.signed_in("rep") as ben:
        body, headers = {"leads": ["ada", "bob"], "addTag": "fair"}, {"idempotency-key": "once"}
        first = (await ben.http.post(PATH, json=body, headers=headers)).json()["results"]
        again = (await ben.http.post(PATH, json=body, headers=headers)).json()["results"]
        assert [one["status"] for one in again] == ["duplicate"] * 2
        assert [one["position"] for one in again] == [one["position"] for one in first]
        other = await ben.http.post(PATH, json={**body, "addTag": "other"}, headers=headers)
        assert [one["status"] for one in other.json()["results"]] == ["conflict"] * 2
        await api.work()
        assert await tags(api, "ada") == ["fair"]
        plain = (await ben.http.post(PATH, json={**body, "addTag": "new"})).json()["results"]
        assert [one["status"] for one in plain] == ["accepted"] * 2  # the control: no key, no duplicate


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/leads"),
        ({"leads": [], "addTag": "x"}, "/leads"),
        ({"leads": ["ada"] * 2, "addTag": "x"}, "/leads"),
        ({"leads": [str(number) for number in range(201)], "addTag": "x"}, "/leads"),
        ({"leads": [""], "addTag": "x"}, "/leads/0"),
        ({"leads": ["ada"]}, ""),
        ({"leads": ["ada"], "addTag": "x", "removeTag": "y"}, ""),
        ({"leads": ["ada"], "addTag": ""}, "/addTag"),
        ({"leads": ["ada"], "addTag": "x" * 65}, "/addTag"),
        ({"leads": ["ada"], "assign": {"why": "x"}}, "/assign/ownerId"),
        ({"leads": ["ada"], "assign": {"ownerId": "nobody"}}, "/assign/ownerId"),
        ({"leads": ["ada"], "assign": {"ownerId": None, "who": "x"}}, "/assign/who"),
    ],
    ids=str,
)
async def test_a_change_that_means_nothing_changes_nothing(api, body, pointer):
    async with api.signed_in("rep") as ben:
        before = await api.stored()
        problem = api.problem(await ben.http.post(PATH, json=body), 400)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
        assert await api.stored() == before
