"""Hand-overs: what a person owns goes to somebody else in the background, each lead once, however often it is cut off."""

from __future__ import annotations

import asyncio

import pytest

from domain.teams.routing import route_event_id
from engine.work.loop import WorkLoop
from workflows.teams import hand_over as module
from workflows.teams.hand_over import hand_over_kind

LEADS = tuple(f"lead-{number}" for number in range(9))


@pytest.fixture
async def ben(api):
    """A rep with nine open leads, one that is won, and a task."""
    async with api.signed_in("rep", "ben@example.com") as ben:
        types = ("page_view", "signup", "demo_request")
        await api.store(*({"leadId": one, "type": kind} for one in LEADS for kind in types))
        await api.store({"leadId": "won", "type": "page_view"}, {"leadId": "hers", "type": "page_view"})
        await api.work()
        for lead in (*LEADS, "won"):
            await _assign(api, lead, ben.person.person_id)
        await api.store({"leadId": "won", "type": "deal.won"})
        await api.work()
        yield ben


@pytest.fixture
async def eve(api):
    async with api.signed_in("rep", "eve@example.com") as eve:
        yield eve


async def _assign(api, lead, owner):
    answer = await api.http.put(f"/api/leads/{lead}/owner", json={"ownerId": owner})
    assert answer.status_code == 202, answer.text


def path(person):
    return f"/api/people/{person.person.person_id}/hand-over"


async def leads_of(api, person):
    page = await api.get("/api/leads", owner=person.person.person_id, limit=200)
    return {one["leadId"] for one in page["items"]}


async def finish(api, person):
    """Let the hand-over go on to its end. Returns how it ended."""
    for _ in range(10):
        await WorkLoop(hand_over_kind(api.runtime), api.runtime.now).drain()
        await api.work()
        found = await api.get(path(person))
        if not found["hasMore"]:
            return found
        api.wait(seconds=5)
    raise AssertionError("the hand-over does not end")


async def assignments(api):
    """How often each lead was assigned."""
    found: dict[str, int] = {}
    for event in await api.runtime.store.database["events"].find({"type": "lead.assigned"}).to_list():
        found[event["leadId"]] = found.get(event["leadId"], 0) + 1
    return found


async def test_open_leads_and_tasks_go_to_another_person(api, ben, eve):
    await _assign(api, "hers", eve.person.person_id)
    task = (await api.get("/api/tasks", leadId="lead-3"))["items"][0]["taskId"]
    await api.http.post(f"/api/tasks/{task}/assign", json={"assigneeId": ben.person.person_id})
    body = {"to": "person", "ownerId": eve.person.person_id, "why": "Ben has left"}
    answer = await api.http.post(path(ben), json=body)
    assert answer.status_code == 202
    begun = answer.json()
    assert (begun["state"], begun["leads"], begun["hasMore"]) == ("waiting", 0, True)

    ended = await finish(api, ben)

    assert {**ended, "leads": 0, "tasks": 0, "state": "waiting", "hasMore": True} == begun
    assert (ended["leads"], ended["tasks"]) == (9, 1)
    assert await leads_of(api, eve) == {*LEADS, "hers"}
    assert await leads_of(api, ben) == {"won"}
    assert (await api.get("/api/tasks", assignee=eve.person.person_id))["items"][0]["taskId"] == task
    newest = (await api.get("/api/leads/lead-3/events"))["items"][0]
    assert newest["type"] == "lead.assigned"
    assert (newest["properties"]["why"], newest["properties"]["rule"]) == ("Ben has left", "by-hand")
    actions = [one["action"] for one in (await api.get("/api/audit", target=ben.person.person_id))["items"]]
    assert {"person.hand_over_started", "person.leads_handed_over"} <= set(actions)


async def test_leads_go_to_nobody(api, ben):
    await api.http.post(path(ben), json={"to": "nobody"})
    assert (await finish(api, ben))["leads"] == 9
    assert {lead["ownerId"] for lead in (await api.get("/api/leads", outcome="open"))["items"]} == {None}


async def test_leads_go_back_to_routing_and_not_to_the_same_person(api, ben, eve):
    members = [{"rep": one.person.person_id} for one in (ben, eve)]
    rules = {
        "version": 1,
        "rules": [{"id": "all", "pool": "p"}],
        "pools": [{"id": "p", "members": members}],
    }
    await api.http.post("/api/routing/versions", json={"rules": rules})
    problem = api.problem(await api.http.post(path(ben), json={"to": "routing"}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/to"]
    await api.http.post("/api/routing/versions/1/activate")
    await api.http.post(path(ben), json={"to": "routing"})
    assert (await finish(api, ben))["leads"] == 9
    requests = await api.runtime.store.database["routingRequests"].find().to_list()
    assert {one["_id"] for one in requests} == {route_event_id(lead, 1) for lead in LEADS}
    assert all(one["passedOver"] == [ben.person.person_id] for one in requests)


@pytest.mark.parametrize("cut_at", range(6))
async def test_a_hand_over_that_is_cut_off_goes_on_and_assigns_each_lead_once(
    api, ben, eve, monkeypatch, cut_at
):
    # Given pages of two leads, and an attempt that dies at one of its steps
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "_PAGES_PER_ATTEMPT", 2)
    before = await assignments(api)
    steps = iter(range(100))
    real_assign, real_advance = module._assign, api.runtime.teams.hand_overs.advance

    async def assign(*args):
        handed = await real_assign(*args)
        if next(steps) == cut_at:
            raise asyncio.CancelledError
        return handed

    async def advance(*args):
        await real_advance(*args)
        if next(steps) == cut_at:
            raise asyncio.CancelledError

    monkeypatch.setattr(module, "_assign", assign)
    monkeypatch.setattr(api.runtime.teams.hand_overs, "advance", advance, raising=True)
    await api.http.post(path(ben), json={"ownerId": eve.person.person_id})
    # When the worker comes back after the lease
    ended = await finish_through_cuts(api, ben)
    # Then every lead was assigned once, and the counts are right
    assert next(steps) > cut_at, "the control: it was cut off"
    assert ended["leads"] == 9
    assert await leads_of(api, eve) == set(LEADS)
    after = await assignments(api)
    assert {lead: after[lead] - before[lead] for lead in LEADS} == dict.fromkeys(LEADS, 1)


async def finish_through_cuts(api, person):
    for _ in range(12):
        loop = WorkLoop(hand_over_kind(api.runtime), api.runtime.now)
        async with asyncio.timeout(20):
            await loop.drain()
        await api.work()
        found = await api.get(path(person))
        if not found["hasMore"]:
            return found
        api.wait(minutes=2)
    raise AssertionError("the hand-over does not end")


async def test_a_lead_that_moves_up_in_the_list_meanwhile_is_not_left_out(api, ben, eve, monkeypatch):
    monkeypatch.setattr(module, "_PAGE", 2)
    monkeypatch.setattr(module, "_PAGES_PER_ATTEMPT", 1)
    await api.http.post(path(ben), json={"ownerId": eve.person.person_id})
    kind = hand_over_kind(api.runtime)
    (candidate,) = await kind.store.soonest(api.runtime.now(), 1)
    (unit,) = await kind.store.claim([candidate.unit_id], api.runtime.now(), 60_000)
    await module.continue_hand_over(api.runtime, unit)
    await kind.store.release(unit, api.runtime.now())
    await api.store(*[{"leadId": "lead-8", "type": "demo_request"}] * 3)  # from the last to the first
    await api.work()
    await finish(api, ben)
    assert await leads_of(api, eve) == set(LEADS)


async def test_a_second_hand_over_of_the_same_person_waits_for_the_first(api, ben, eve):
    body = {"to": "person", "ownerId": eve.person.person_id}
    first = (await api.http.post(path(ben), json=body)).json()
    assert (await api.http.post(path(ben), json=body)).json() == first
    api.problem(await api.http.post(path(ben), json={"to": "nobody"}), 409)


async def test_a_new_owner_who_leaves_meanwhile_ends_it_for_a_person_to_see(api, ben, eve):
    await api.http.post(path(ben), json={"ownerId": eve.person.person_id})
    await api.http.post(f"/api/people/{eve.person.person_id}/deactivate")
    await WorkLoop(hand_over_kind(api.runtime), api.runtime.now).drain()
    (unit,) = (await api.get("/api/work", kind="hand-over"))["items"]
    assert (unit["state"], unit["leadId"]) == ("dead", None)
    assert "may not work on leads" in unit["lastAttempt"]["detail"]
    assert await leads_of(api, ben) == {*LEADS, "won"}


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"to": "person"}, "/ownerId"),
        ({"to": "person", "ownerId": "nobody"}, "/ownerId"),
        ({"to": "nobody", "ownerId": "eve"}, "/ownerId"),
        ({"to": "everybody"}, "/to"),
        ({"to": "stay"}, "/to"),
        ({"to": "nobody", "who": "x"}, "/who"),
    ],
    ids=str,
)
async def test_what_cannot_be_handed_over_is_refused(api, ben, body, pointer):
    problem = api.problem(await api.http.post(path(ben), json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    api.problem(await api.http.get(path(ben)), 404)


async def test_the_same_person_is_no_new_owner(api, ben):
    body = {"ownerId": ben.person.person_id}
    problem = api.problem(await api.http.post(path(ben), json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/ownerId"]


# --- The end of a person's access ---


async def deactivate(api, person, **leads):
    body = {"json": {"leads": leads}} if leads else {}
    return await api.http.post(f"/api/people/{person.person.person_id}/deactivate", **body)


async def test_whoever_has_leads_is_not_deactivated_before_somebody_says_what_becomes_of_them(api, ben, eve):
    problem = api.problem(await deactivate(api, ben), 409)
    assert problem["code"] == "leads-need-choice"
    assert (await api.get(f"/api/people/{ben.person.person_id}"))["active"]
    assert (await deactivate(api, eve)).json()["active"] is False  # she has none


async def test_an_open_task_is_something_to_hand_over_too(api, ben, eve):
    task = (await api.get("/api/tasks", leadId="lead-3"))["items"][0]["taskId"]
    await api.http.post(f"/api/tasks/{task}/assign", json={"assigneeId": eve.person.person_id})
    api.problem(await deactivate(api, eve), 409)


async def test_one_call_ends_the_access_and_hands_the_leads_over(api, ben, eve):
    answer = await deactivate(api, ben, to="person", ownerId=eve.person.person_id, why="has left")
    assert answer.json()["active"] is False
    assert (await ben.http.get("/api/me")).status_code == 401
    assert (await finish(api, ben))["leads"] == 9
    assert await leads_of(api, eve) == set(LEADS)


async def test_leads_may_stay_for_now(api, ben):
    assert (await deactivate(api, ben, to="stay")).json()["active"] is False
    assert await leads_of(api, ben) == {*LEADS, "won"}
    api.problem(await api.http.get(path(ben)), 404)


async def test_a_wrong_choice_leaves_the_person_active(api, ben, eve):
    for leads, pointer in (
        ({"to": "person", "ownerId": "nobody"}, "/leads/ownerId"),
        ({"to": "person"}, "/leads/ownerId"),
        ({"to": "routing"}, "/leads/to"),
        ({"to": "nobody", "x": 1}, "/leads/x"),
        ({"to": "stay", "ownerId": eve.person.person_id}, "/leads/ownerId"),
    ):
        problem = api.problem(await deactivate(api, ben, **leads), 400)
        assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert (await api.get(f"/api/people/{ben.person.person_id}"))["active"]
