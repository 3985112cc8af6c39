"""Accounts for people who see some of the leads: by these leads alone, in lists, by id and page by page."""

from __future__ import annotations

import contextlib

import pytest

from tests.api.accounts.test_accounts import at_acme, joins
from workflows.accounts.project import project_changes

OWNED = {"mine": "rep", "theirs": "other", "free": None}


@pytest.fixture
async def people(api, monkeypatch):
    """A rep who sees own and unassigned leads, and an admin; leads of both reps and of nobody in two accounts."""
    settings = api.runtime.settings.model_copy(update={"lead_visibility": "own"})
    monkeypatch.setitem(api.runtime.__dict__, "settings", settings)
    async with contextlib.AsyncExitStack() as stack:
        reps = {
            name: await stack.enter_async_context(api.signed_in("rep", f"{name}@example.com"))
            for name in ("rep", "other")
        }
        admin = await stack.enter_async_context(api.signed_in("admin"))
        await api.store(
            at_acme("mine", "page_view"),
            *(at_acme("theirs", kind) for kind in ("signup", "demo_request")),
            at_acme("free", "download"),
            joins("theirs", "0e88", name="Acme", domain="acme.com"),
            *({"leadId": "hers", "type": "signup", "properties": {"email": "x@ajax.org"}} for _ in range(3)),
        )
        await api.work()
        for lead_id, owner in (*OWNED.items(), ("hers", "other")):
            if owner:
                body = {"ownerId": reps[owner].person.person_id}
                await admin.http.put(f"/api/leads/{lead_id}/owner", json=body)
        await api.work()
        await project_changes(api.runtime)
        yield reps["rep"].http, admin.http


async def read(http, path=""):
    answer = await http.get(f"/api/accounts{path}")
    return answer.json() if answer.status_code == 200 else answer.status_code


async def test_a_rep_sees_an_account_through_visible_leads_only(people):
    rep, admin = people
    (seen,) = (await read(rep))["items"]
    assert (seen["accountId"], seen["leads"], seen["name"]) == ("group:0e88", 2, "0e88")
    found = await read(rep, "/group:0e88/intelligence")
    assert {one["leadId"] for one in found["people"]} == {"mine", "free"}
    assert found["score"] == seen["score"] == (await read(rep, "/domain:acme.com"))["score"]
    leads = (await read(rep, "/group:0e88/leads"))["items"]
    assert {one["leadId"] for one in leads} == {"mine", "free"}

    everything = {one["accountId"]: one for one in (await read(admin))["items"]}
    assert (everything["group:0e88"]["leads"], everything["group:0e88"]["name"]) == (3, "Acme")
    assert everything["group:0e88"]["score"] > seen["score"]
    assert set(everything) == {"group:0e88", "domain:ajax.org"}


@pytest.mark.parametrize("path", ["", "/intelligence", "/leads"])
async def test_an_account_without_a_visible_lead_is_not_found(people, path):
    rep, admin = people
    assert await read(rep, f"/domain:ajax.org{path}") == 404
    assert isinstance(await read(admin, f"/domain:ajax.org{path}"), dict)


async def test_what_only_hidden_leads_say_finds_nothing(people):
    rep, admin = people
    assert (await read(rep, "?name=acme"))["items"] == []
    assert (await read(rep, "?domain=ajax.org"))["items"] == []
    assert len((await read(admin, "?name=acme"))["items"]) == 1


async def test_pages_have_every_visible_account_once_by_its_strongest_visible_lead(api, people, monkeypatch):
    rep, _ = people
    monkeypatch.setattr("workflows.accounts.list_accounts._LEADS", 3)
    kinds = ("page_view", "download", "signup")
    await api.store(
        *(
            {"leadId": f"l{n}", "type": kinds[n % 3], "properties": {"email": f"a@firm{n % 5}.com"}}
            for n in range(10)
        )
    )
    await api.work()
    found, cursor = [], ""
    while True:
        page = await read(rep, f"?limit=2{cursor}")
        found += [one["accountId"] for one in page["items"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"

    assert sorted(found) == sorted(["group:0e88", *(f"domain:firm{n}.com" for n in range(5))])
    best = [(await read(rep, f"/{one}/leads"))["items"][0]["score"] for one in found]
    assert best == sorted(best, reverse=True)
    short = await read(rep, "?name=nobody")
    assert (short["items"], short["nextCursor"]) == ([], None)
