"""GET /api/queue: what is due first, then the score of now; each lead once, with why it comes first."""

from __future__ import annotations

import pytest

from domain.rulebooks.compiled import compile_rulebook
from engine.rulebooks.built_in import built_in

PATH = "/api/queue"


@pytest.fixture(autouse=True)
def standard(api, monkeypatch):
    """Leads are scored by `standard`, whose rules know replies."""
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("standard")))


async def happen(api, lead_id, *kinds, hours=0.0, **properties):
    await api.store(
        *(
            {"leadId": lead_id, "type": kind, "occurredAt": api.at(hours=hours), "properties": properties}
            for kind in kinds
        )
    )


async def queue(api, **query):
    return (await api.get(PATH, **query))["items"]


@pytest.fixture
async def busy(api):
    """Two that wait for an answer, one that asked for a demo, two that have points only."""
    await happen(api, "wrote-late", "email_reply", hours=-1)
    await happen(api, "wrote-early", "email_reply", hours=-30)
    await happen(api, "demo", "demo_request")
    await happen(api, "faded", "page_view", "download", hours=-24 * 400)
    await happen(api, "fresh", "download")
    await api.work()


async def test_answers_come_before_tasks_and_tasks_before_points(api, busy):
    found = await queue(api)
    assert [(one["leadId"], one["because"]["kind"]) for one in found] == [
        ("wrote-early", "reply"),
        ("wrote-late", "reply"),
        ("demo", "task"),
        ("fresh", "score"),
        ("faded", "score"),
    ]
    early, _, demo, fresh, _ = found
    assert early["because"]["text"] == "Wrote 30 hours ago, and nobody has answered."
    assert early["because"]["since"] == api.at(hours=-30)
    assert early["nextAction"] == "reply_now"
    assert (early["because"]["wrote"]["type"], demo["because"]["wrote"]) == ("email_reply", None)
    assert demo["because"]["dueAt"] == api.at(hours=2)
    assert demo["because"]["text"] == "Book the demo that demo asked for. It is due within 2 hours."
    assert fresh["score"] > found[-1]["score"]


async def test_each_is_as_its_intelligence_says(api, busy):
    for one in await queue(api):
        found = await api.get(f"/api/leads/{one['leadId']}/intelligence")
        for name in ("score", "stage", "risk", "velocity", "nextAction", "summary", "position", "tags"):
            assert one[name] == found[name], name
        assert one["reasons"] == found["reasons"][:3]
        assert one["drop"] == found["details"]["drop"]
        assert one["nextActionBecause"] == found["details"]["nextAction"]


async def test_an_answered_lead_and_a_done_task_lose_their_place(api, busy):
    await happen(api, "wrote-early", "rep_reply")
    task = (await queue(api))[2]["because"]["taskId"]
    await api.http.post(f"/api/tasks/{task}/done")
    await api.work()
    assert {one["leadId"]: one["because"]["kind"] for one in await queue(api)} == {
        "wrote-late": "reply",
        "wrote-early": "score",
        "demo": "score",
        "fresh": "score",
        "faded": "score",
    }


@pytest.mark.parametrize("kind", ["deal.won", "deal.lost", "unsubscribed"])
async def test_nobody_is_sent_to_a_lead_that_is_closed_or_must_not_be_contacted(api, busy, kind):
    for lead_id in ("wrote-early", "demo", "fresh"):
        await happen(api, lead_id, kind)
    await api.work()
    assert [one["leadId"] for one in await queue(api)] == ["wrote-late", "faded"]


async def test_an_overdue_task_says_so_and_comes_before_one_that_is_due_later(api, busy):
    api.wait(hours=5)
    await happen(api, "second", "demo_request", hours=5)
    await api.work()
    tasks = [one for one in await queue(api) if one["because"]["kind"] == "task"]
    assert [one["leadId"] for one in tasks] == ["demo", "second"]
    assert tasks[0]["because"]["text"].endswith("It was due 3 hours ago.")


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
async def test_a_shorter_queue_is_the_beginning_of_the_longer_one(api, busy, limit):
    assert await queue(api, limit=limit) == (await queue(api))[:limit]


async def test_the_queue_of_a_person_has_the_own_leads_only(api, busy):
    async with api.signed_in("rep") as ben:
        for lead_id in ("wrote-late", "demo", "faded"):
            await api.http.put(f"/api/leads/{lead_id}/owner", json={"ownerId": ben.person.person_id})
        await api.work()
        mine = (await ben.http.get(PATH, params={"owner": "me"})).json()["items"]
        assert [one["leadId"] for one in mine] == ["wrote-late", "demo", "faded"]
        assert {one["ownerId"] for one in mine} == {ben.person.person_id}
        assert [one["leadId"] for one in await queue(api, owner="none")] == ["wrote-early", "fresh"]
        assert await queue(api, owner="person_nobody") == []
    api.problem(await api.http.get(PATH, params={"owner": "me"}), 400)


async def test_what_a_person_does_not_see_is_not_in_the_queue(api, busy, monkeypatch):
    monkeypatch.setattr(
        api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"), raising=False
    )
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        for lead_id in ("wrote-early", "demo"):
            await api.http.put(f"/api/leads/{lead_id}/owner", json={"ownerId": other.person.person_id})
        await api.work()
        shown = (await ben.http.get(PATH)).json()["items"]
        assert [one["leadId"] for one in shown] == ["wrote-late", "fresh", "faded"]
        asked = await ben.http.get(PATH, params={"owner": other.person.person_id})
        assert asked.json()["items"] == []


async def test_somebody_who_works_on_a_lead_is_shown(api, busy):
    async with api.signed_in("rep") as ben:
        await ben.http.post("/api/leads/demo/claim")
        shown = {one["leadId"]: one["presence"] for one in await queue(api)}
        assert shown["demo"] == {"personId": ben.person.person_id, "until": api.at(minutes=10)}
        assert shown["fresh"] is None


async def test_leads_of_an_earlier_rulebook_are_shown_under_the_active_one(api, busy, monkeypatch):
    monkeypatch.setattr(api.runtime.rulebooks.active, "_current", compile_rulebook(built_in("classic")))
    for one in await queue(api):
        found = await api.get(f"/api/leads/{one['leadId']}/intelligence")
        assert one["score"] == found["score"]


async def three_tasks(api, mine, *events):
    """A task each of three leads; the last one is the person's, and so are those with events."""
    for hours, lead in enumerate(("ada", "bob", "mine")):
        await api.store(
            {"leadId": lead, "type": "page_view"}, *(one for one in events if one["leadId"] == lead)
        )
        await api.work()
        task = {"leadId": lead, "title": "Call", "dueAt": api.at(hours=hours + 1)}
        assert (await api.http.post("/api/tasks", json=task)).status_code == 201
    for lead in {"mine", *(one["leadId"] for one in events)}:
        await api.http.put(f"/api/leads/{lead}/owner", json={"ownerId": mine})
    await api.work()


@pytest.mark.parametrize(("pages", "more"), [((1, 1), True), ((1, 2), False), ((1, 1, 1, 1), False)])
async def test_tasks_of_closed_leads_hide_no_task_without_the_queue_saying_so(api, monkeypatch, pages, more):
    monkeypatch.setattr("workflows.intelligence.queue._PAGES", pages)
    async with api.signed_in("rep") as ben:
        mine = ben.person.person_id
        await three_tasks(api, mine, *({"leadId": one, "type": "deal.lost"} for one in ("ada", "bob")))
        found = await api.get("/api/queue", owner=mine)
    assert found["moreTasks"] is more
    assert [one["because"]["kind"] for one in found["items"]] == (["score"] if more else ["task"])


async def test_tasks_of_others_are_not_looked_at(api, monkeypatch):
    monkeypatch.setattr("workflows.intelligence.queue._PAGES", (1,))
    async with api.signed_in("rep") as ben:
        await three_tasks(api, ben.person.person_id)
        found = await api.get("/api/queue", owner=ben.person.person_id)
    assert not found["moreTasks"]
    assert [(one["leadId"], one["because"]["kind"]) for one in found["items"]] == [("mine", "task")]
