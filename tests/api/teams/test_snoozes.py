"""Snoozed leads over HTTP: out of the queue of one person, until a time or until they write."""

from __future__ import annotations

import pytest

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in
from engine.teams import snooze_store
from tests.api.stream.reader import reading


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`, whose rules know replies."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))


@pytest.fixture
async def ben(api):
    async with api.signed_in("rep", "ben@example.com") as ben:
        yield ben


@pytest.fixture
async def busy(api):
    """One lead that waits for an answer, one with a task, one with points only."""
    for lead, kind in (("wrote", "email_reply"), ("asked", "demo_request"), ("read", "download")):
        await api.store({"leadId": lead, "type": kind, "occurredAt": api.at()})
    await api.work()


async def snooze(browser, lead, until):
    return await browser.http.post(f"/api/leads/{lead}/snooze", json={"until": until})


async def queue(browser):
    return [one["leadId"] for one in (await browser.http.get("/api/queue")).json()["items"]]


@pytest.mark.parametrize("lead", ["wrote", "asked", "read"])
async def test_a_snoozed_lead_leaves_the_queue_of_the_person_and_comes_back(api, busy, ben, lead):
    before = await queue(ben)
    answer = await snooze(ben, lead, api.at(hours=4))
    assert (answer.status_code, answer.json()) == (
        200,
        {"leadId": lead, "since": api.at(), "until": api.at(hours=4)},
    )
    assert await queue(ben) == [one for one in before if one != lead]
    assert await queue(api) == before
    async with api.signed_in("rep", "eve@example.com") as eve:
        assert await queue(eve) == before
    api.wait(hours=4, minutes=1)
    assert lead in await queue(ben)


async def test_the_queue_is_as_long_as_without_snoozes(api, busy, ben):
    await snooze(ben, "wrote", api.at(days=1))
    found = (await ben.http.get("/api/queue", params={"limit": 2})).json()["items"]
    assert [one["leadId"] for one in found] == ["asked", "read"]


async def test_a_lead_that_writes_comes_back_at_once_and_one_that_only_reads_does_not(api, busy, ben):
    for lead in ("wrote", "read"):
        await snooze(ben, lead, api.at(days=1))
    api.wait(minutes=5)
    await api.store({"leadId": "read", "type": "page_view", "occurredAt": api.at(minutes=4)})
    await api.work()
    assert await queue(ben) == ["asked"]
    await api.store({"leadId": "wrote", "type": "email_reply", "occurredAt": api.at(minutes=4)})
    await api.work()
    assert await queue(ben) == ["wrote", "asked"]


async def test_snoozes_are_listed_changed_and_ended(api, busy, ben):
    await snooze(ben, "wrote", api.at(days=3))
    await snooze(ben, "read", api.at(days=1))
    await snooze(ben, "wrote", api.at(days=2))
    items = (await ben.http.get("/api/me/snoozes")).json()["items"]
    assert (await ben.http.get("/api/queue")).json()["snoozed"] == items
    assert [(one["leadId"], one["until"]) for one in items] == [
        ("read", api.at(days=1)),
        ("wrote", api.at(days=2)),
    ]
    for _ in range(2):
        assert (await ben.http.delete("/api/leads/wrote/snooze")).status_code == 204
    assert "wrote" in await queue(ben)
    assert len((await ben.http.get("/api/me/snoozes")).json()["items"]) == 1


@pytest.mark.parametrize("hours", [0, -1, 24 * 367])
async def test_a_lead_is_not_snoozed_into_the_past_or_for_ever(api, busy, ben, hours):
    problem = api.problem(await snooze(ben, "read", api.at(hours=hours)), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/until"]
    assert "read" in await queue(ben)


async def test_a_key_snoozes_nothing_and_an_unknown_lead_is_not_found(api, busy, ben):
    api.problem(await snooze(api, "read", api.at(days=1)), 403)
    api.problem(await snooze(ben, "nobody", api.at(days=1)), 404)


async def test_a_person_snoozes_no_more_than_a_bounded_number(api, busy, ben, monkeypatch):
    monkeypatch.setattr(snooze_store, "MOST_SNOOZES", 2)
    for lead in ("wrote", "asked"):
        assert (await snooze(ben, lead, api.at(days=1))).status_code == 200
    assert "end some" in api.problem(await snooze(ben, "read", api.at(days=1)), 409)["detail"]


async def test_who_does_not_see_the_lead_any_more_does_not_find_it_among_the_snoozed(
    api, busy, ben, monkeypatch
):
    await snooze(ben, "read", api.at(days=1))
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "eve@example.com") as eve:
        await api.http.put("/api/leads/read/owner", json={"ownerId": eve.person.person_id})
        await api.work()
    assert (await ben.http.get("/api/me/snoozes")).json()["items"] == []


async def test_a_claim_and_its_end_are_named_in_the_stream(api, busy, ben):
    position = (await api.get("/api/leads/read"))["position"]
    async with reading(api.http) as stream:
        await stream.until("hello")
        await ben.http.post("/api/leads/read/claim")
        found, _ = await stream.leads_until("read", position)
        assert found["read"] == position
        await ben.http.delete("/api/leads/read/claim")
        found, _ = await stream.leads_until("read", position)
        assert found["read"] == position
