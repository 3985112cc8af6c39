"""Accounts over HTTP: lists, one account, its leads and its combined intelligence."""

from __future__ import annotations

import pytest

from domain.instant import DAY
from workflows.accounts.project import project_changes


def at_acme(lead_id, kind="demo_request", **more):
    address = {"email": f"{lead_id}@acme.com"}
    return {"leadId": lead_id, "type": kind, "identifiers": address, **more}


def joins(lead_id, group="0e88", **traits):
    return {"leadId": lead_id, "type": "account.joined", "properties": {"groupId": group, **traits}}


@pytest.fixture
def known(api):
    """Store events, fold their leads and project their accounts."""

    async def known(*events):
        await api.store(*events)
        await api.work()
        await project_changes(api.runtime)

    return known


async def ids(api, **query):
    return [one["accountId"] for one in (await api.get("/api/accounts", **query))["items"]]


async def test_leads_with_addresses_of_one_company_are_an_account(api, known):
    await known(at_acme("ada"), at_acme("bob", "page_view"))
    await known({"leadId": "eve", "type": "signup", "properties": {"email": "Eve <eve@mail.acme.com>"}})

    (account,) = (await api.get("/api/accounts"))["items"]

    assert (account["accountId"], account["name"], account["domain"]) == ("domain:acme.com",) + (
        "acme.com",
    ) * 2
    assert account["leads"] == 3
    assert account["groupId"] is None
    leads = (await api.get("/api/accounts/domain:acme.com/leads"))["items"]
    assert {one["leadId"] for one in leads} == {"ada", "bob", "eve"}
    assert {one["accountId"] for one in leads} == {"domain:acme.com"}


async def test_the_address_itself_is_encrypted_and_a_free_mail_address_says_nothing(api, known):
    await known({"leadId": "ada", "type": "signup", "properties": {"email": "ada@gmail.com"}})
    await known(at_acme("bob", properties={"email": "bob@acme.com"}))

    assert await ids(api) == ["domain:acme.com"]
    assert (await api.get("/api/leads/ada"))["accountId"] is None
    stored = await api.runtime.store.database["events"].find().to_list()
    assert not any("@" in str(event) for event in stored)
    event = (await api.get("/api/leads/bob/events"))["items"][-1]
    assert event["properties"] == {"email": "bob@acme.com", "companyDomain": "acme.com"}


async def test_a_group_has_the_leads_that_joined_it_and_those_of_its_domain(api, known):
    await known(at_acme("bob"), joins("ada", name="Acme Rockets", website="https://www.acme.com/"))

    (account,) = (await api.get("/api/accounts"))["items"]

    assert (account["accountId"], account["groupId"]) == ("group:0e88", "0e88")
    assert (account["name"], account["domain"], account["leads"]) == ("Acme Rockets", "acme.com", 2)
    asked = await api.get("/api/accounts/domain:acme.com")
    assert (asked["accountId"], asked["requestedId"]) == ("group:0e88", "domain:acme.com")


async def test_a_domain_that_two_groups_claim_is_an_account_of_its_own(api, known):
    await known(at_acme("bob"), joins("ada", "eu", domain="acme.com"))
    await known(joins("eve", "us", domain="acme.com"))
    assert set(await ids(api)) == {"domain:acme.com", "group:eu", "group:us"}

    await known(joins("eve", "us", domain="acme.us"))

    assert set(await ids(api)) == {"group:eu", "group:us"}
    assert (await api.get("/api/accounts/group:eu"))["leads"] == 2


async def test_the_intelligence_is_explained_person_by_person(api, known):
    await known(*(at_acme(one) for one in ("ada", "bob", "eve")), at_acme("dan", "page_view"))

    found = await api.get("/api/accounts/domain:acme.com/intelligence")

    people = found["people"]
    assert found["score"] == pytest.approx(sum(one["points"] for one in people))
    assert [one["weight"] for one in people] == [1, 0.5, 0.25, 0.125]
    for one in people:
        parts = one["fromScore"] + one["fromBreadth"] + one["fromSurge"]
        assert one["points"] == pytest.approx(parts)
        assert one["score"] == (await api.get(f"/api/leads/{one['leadId']}/intelligence"))["score"]
        assert f"{one['fromScore']:g} from a score" in one["reason"]
    assert found["summary"].startswith(f"acme.com: {found['score']:g} points from 4 leads; ")
    listed = (await api.get("/api/accounts/domain:acme.com"))["score"]
    assert listed == found["score"]


async def test_accounts_are_listed_by_score_and_found_by_name_and_domain(api, known):
    await known(*(joins(f"l{n}", f"g{n}", name=f"Firm {n} of Rome", domain=f"firm{n}.it") for n in range(5)))
    for number in range(1, 5):
        await known(*({"leadId": f"l{number}", "type": "signup"} for _ in range(number)))

    everyone = (await api.get("/api/accounts"))["items"]
    scores = [one["score"] for one in everyone]
    assert scores == sorted(scores, reverse=True)
    first = await api.get("/api/accounts", limit=2)
    second = await api.get("/api/accounts", limit=3, cursor=first["nextCursor"])
    assert first["items"] + second["items"] == everyone
    assert second["nextCursor"] is None
    assert await ids(api, name="FIRM 3") == ["group:g3"]
    assert len(await ids(api, name="rom")) == 5
    assert await ids(api, name="irm") == []
    assert await ids(api, domain="www.firm2.it") == ["group:g2"]
    assert await ids(api, domain="firm2.it", name="Firm 3") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ({"name": "-"}, "?name"),
        ({"domain": "acme"}, "?domain"),
        ({"cursor": "x"}, "?cursor"),
        ({"nam": "a"}, "?nam"),
    ],
)
async def test_a_wrong_filter_is_named(api, query, pointer):
    answer = await api.http.get("/api/accounts", params=query)

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]


@pytest.mark.parametrize("path", ["", "/intelligence", "/leads"])
async def test_an_account_without_leads_is_not_found(api, path):
    assert (await api.http.get(f"/api/accounts/group:nobody{path}")).status_code == 404


async def test_lost_leads_count_nothing(api, known):
    await known(at_acme("ada"), {"leadId": "ada", "type": "deal.lost"})

    found = await api.get("/api/accounts/domain:acme.com/intelligence")

    assert (found["score"], found["people"], found["leads"]) == (0, [], 1)
    assert "lost or disqualified" in found["summary"]


async def test_the_score_falls_with_time(api, known):
    await known(at_acme("ada"))
    before = (await api.get("/api/accounts/domain:acme.com"))["score"]

    api.wait(seconds=30 * DAY / 1000)

    assert (await api.get("/api/accounts/domain:acme.com"))["score"] < before


async def test_leads_are_filtered_by_the_account_with_the_domain_that_is_part_of_it(api, known):
    await known(
        joins("ada", domain="acme.com"), at_acme("bob"), joins("cem", "other"), at_acme("eve", "page_view")
    )

    async def leads(**query):
        return {one["leadId"] for one in (await api.get("/api/leads", **query))["items"]}

    assert (
        await leads(account="group:0e88") == await leads(account="domain:acme.com") == {"ada", "bob", "eve"}
    )
    assert await leads(account="group:0e88", minScore=20) == {"bob"}
    assert await leads(account="group:nobody") == set()
    api.problem(await api.http.get("/api/leads?account="), 400)
