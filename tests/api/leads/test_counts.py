"""Rows by id, and numbers of leads by stage and outcome."""

from __future__ import annotations

import pytest

from api.leads import counts


@pytest.fixture(autouse=True)
async def leads(api):
    """Three leads: two cold, of which one is won, and one hot."""
    for lead_id, kind in (
        ("ada", "demo_request"),
        ("bob", "page_view"),
        ("cem", "page_view"),
        ("cem", "deal.won"),
    ):
        await api.store({"leadId": lead_id, "type": kind})
    await api.store({"leadId": "ada", "type": "download"})
    await api.work()


def ids(page):
    return [one["leadId"] for one in page["items"]]


async def test_leads_by_id_come_in_the_order_asked_each_once(api):
    page = await api.get("/api/leads", ids="cem,nobody,ada,cem")
    assert (ids(page), page["nextCursor"]) == (["cem", "ada"], None)
    alone = await api.get("/api/leads/ada")
    assert {**page["items"][1], "requestedId": "ada"} == {
        name: value for name, value in alone.items() if name not in {"channels", "moreMessages"}
    }


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"ids": ""}, "?ids"), ({"ids": "a,,b"}, "?ids"), ({"ids": "a", "stage": "hot"}, "?stage")],
)
async def test_what_is_no_list_of_ids_is_refused(api, query, pointer):
    problem = api.problem(await api.http.get("/api/leads", params=query), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    many = ",".join(map(str, range(201)))
    api.problem(await api.http.get("/api/leads", params={"ids": many}), 400)


async def test_a_lead_of_somebody_else_is_neither_listed_nor_counted(api, monkeypatch):
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        await api.http.put("/api/leads/ada/owner", json={"ownerId": other.person.person_id})
        await api.work()
        assert ids((await ben.http.get("/api/leads", params={"ids": "ada,bob"})).json()) == ["bob"]
        shown = (await ben.http.get("/api/lead-counts")).json()
        assert sum(one["count"] for one in shown["stages"]) == 2
        assert shown["outcomes"] is None
        own = (await other.http.get("/api/lead-counts", params={"owner": "me"})).json()
        assert sum(one["count"] for one in own["stages"]) == 1


async def test_leads_are_counted_by_stage_and_outcome(api):
    found = await api.get("/api/lead-counts")
    stages = {one["name"]: one["count"] for one in found["stages"]}
    assert stages == {"cold": 2, "warm": 0, "hot": 1, "qualified": 0}
    outcomes = {one["name"]: one["count"] for one in found["outcomes"]}
    assert (outcomes["open"], outcomes["won"]) == (2, 1)
    assert not any(one["more"] for one in [*found["stages"], *found["outcomes"]])


async def test_beyond_the_bound_a_number_says_that_there_are_more(api, monkeypatch):
    monkeypatch.setattr(counts, "_MAX_COUNTED", 1)
    found = {one["name"]: one for one in (await api.get("/api/lead-counts"))["stages"]}
    assert found["cold"] == {"name": "cold", "count": 1, "more": True}
    assert found["hot"] == {"name": "hot", "count": 1, "more": False}


async def test_leads_of_a_tag_are_counted_the_same_way(api, monkeypatch):
    for lead_id in ("ada", "cem"):
        await api.store({"leadId": lead_id, "type": "tag.added", "properties": {"tag": "vip"}})
    await api.work()
    found = await api.get("/api/lead-counts", tag="vip")
    assert {one["name"]: one["count"] for one in found["stages"]} == {
        "cold": 1,
        "warm": 0,
        "hot": 1,
        "qualified": 0,
    }
    assert {one["name"]: one["count"] for one in found["outcomes"] if one["count"]} == {"open": 1, "won": 1}
    assert not any(one["more"] for one in [*found["stages"], *found["outcomes"]])
    monkeypatch.setattr(counts, "_MAX_COUNTED", 1)
    assert all(one["more"] for one in (await api.get("/api/lead-counts", tag="vip"))["stages"])


async def test_leads_of_a_tag_are_counted_where_the_caller_sees_them(api, monkeypatch):
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    for lead_id in ("ada", "bob"):
        await api.store({"leadId": lead_id, "type": "tag.added", "properties": {"tag": "vip"}})
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        await api.http.put("/api/leads/ada/owner", json={"ownerId": other.person.person_id})
        await api.work()
        for who, owner, number in ((ben, None, 1), (ben, "none", 1), (other, "me", 1), (other, None, 2)):
            params = {"tag": "vip", **({"owner": owner} if owner else {})}
            found = (await who.http.get("/api/lead-counts", params=params)).json()
            assert sum(one["count"] for one in found["stages"]) == number
            assert found["outcomes"] is not None
