"""The search for leads by name over HTTP."""

from __future__ import annotations

import pytest

from workflows.identity.index_names import index_names


@pytest.fixture
async def ids(api):
    """Three leads named Ada, the last by a form and the first by `POST /api/leads`."""
    body = {"email": "ada@example.com", "name": "Ada Lovelace"}
    created = (await api.http.post("/api/leads", json=body)).json()["leadId"]
    await api.store(
        {"leadId": "x-king", "type": "lead.updated", "properties": {"name": "King, Ada"}},
        {"leadId": "x-zoe", "type": "signup", "properties": {"firstName": "Ada", "lastName": "Zoë"}},
        {"leadId": "x-bob", "type": "signup", "properties": {"firstName": "Bob"}},
    )
    await api.work()
    await index_names(api.runtime)
    return [created, "x-king", "x-zoe"]


async def search(api, name, **query):
    return await api.get("/api/leads", name=name, **query)


async def test_leads_are_found_by_whole_words_in_any_order(api, ids):
    assert {one["leadId"] for one in (await search(api, "ADA"))["items"]} == set(ids)
    for name in ("Lovelace Ada", "ada lovelace", "Àda Lovelace"):
        assert [one["leadId"] for one in (await search(api, name))["items"]] == ids[:1]
    assert [one["leadId"] for one in (await search(api, "zoe ada"))["items"]] == ["x-zoe"]
    assert (await search(api, "Love"))["items"] == []


async def test_pages_of_a_name_go_on_behind_a_cursor(api, ids):
    page, found = await search(api, "Ada", limit=1), []
    while page["items"]:
        found += [one["leadId"] for one in page["items"]]
        page = await search(api, "Ada", limit=1, cursor=page["nextCursor"])
    assert found == sorted(ids)


async def test_an_erased_person_is_not_found(api, ids):
    assert (await api.http.delete("/api/leads/x-king/personal-data")).status_code == 200
    assert (await search(api, "King"))["items"] == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"name": "--"}, "?name"),
        ({"name": ""}, "?name"),
        ({"name": " ".join("abcdefghijk")}, "?name"),
        ({"name": "Ada", "stage": "hot"}, "?stage"),
        ({"name": "Ada", "email": "ada@example.com"}, "?email"),
        ({"name": "Ada", "cursor": "x"}, "?cursor"),
    ],
)
async def test_what_is_no_name_is_refused(api, query, pointer):
    answer = await api.http.get("/api/leads", params=query)
    assert api.problem(answer, 400)["errors"][0]["pointer"] == pointer


async def test_how_far_the_index_is_behind_is_a_figure(api, ids):
    assert (await api.get("/api/ops"))["nameIndex"]["events"] == 0
    await api.store({"leadId": "x-new", "type": "signup", "properties": {"firstName": "Ada"}})
    assert (await api.get("/api/ops"))["nameIndex"]["events"] == 1
