"""Routing rules over HTTP: versions, activation, simulation on past events, and the decisions made."""

from __future__ import annotations

import pytest

from engine.work.loop import WorkLoop
from workflows.leads.process import process_leads
from workflows.teams.route import routing_kind

ALWAYS = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "opens": "00:00", "closes": "24:00"}


@pytest.fixture(autouse=True)
async def off(api):
    """Nothing is routed when a test begins."""
    await api.runtime.teams.routing.refresh()
    yield
    await api.http.post("/api/routing/deactivate")


@pytest.fixture
async def reps(api):
    accounts = api.runtime.people.accounts
    return [
        (await accounts.add(f"{name}@example.com", name, "rep", api.clock.at)).person_id
        for name in ("ben", "cem")
    ]


def rules(reps, version=1, **more):
    members = [{"rep": rep, "hours": ALWAYS} for rep in reps]
    return {
        "version": version,
        "rules": [{"id": "all", "pool": "sales"}],
        "pools": [{"id": "sales", "members": members}],
        **more,
    }


async def store(api, document):
    return await api.http.post("/api/routing/versions", json={"rules": document})


async def test_rules_are_stored_activated_used_and_switched_off(api, reps):
    assert (await store(api, rules(reps))).status_code == 201
    assert (await api.http.get("/api/routing/active")).status_code == 404
    active = (await api.http.post("/api/routing/versions/1/activate")).json()
    assert (active["version"], active["active"]) == (1, True)
    assert await api.get("/api/routing/active") == active

    await api.store({"leadId": "ada", "type": "page_view"})
    await api.work()
    await WorkLoop(routing_kind(api.runtime), api.runtime.now).drain()
    await process_leads(api.runtime, ["ada"])

    owner = (await api.get("/api/leads/ada"))["ownerId"]
    (decision,) = (await api.get("/api/routing/decisions"))["items"]
    assert (decision["leadId"], decision["ownerId"], decision["rule"]) == ("ada", owner, "all")
    assert owner in reps
    assert decision["why"][-1].startswith(owner)

    assert (await api.http.post("/api/routing/deactivate")).status_code == 204
    assert (await api.http.get("/api/routing/active")).status_code == 404
    await api.store({"leadId": "bob", "type": "page_view"})
    await api.work()
    assert (await api.get("/api/work", kind="routing"))["items"] == []
    actions = [one["action"] for one in (await api.get("/api/audit", target="routing"))["items"]]
    assert sorted(actions) == ["routing.activated", "routing.activated", "routing.rules_stored"]


async def test_a_version_never_changes_its_content(api, reps):
    assert (await store(api, rules(reps))).status_code == 201
    assert (await store(api, rules(reps))).status_code == 201
    assert "higher version" in api.problem(await store(api, rules(reps[:1])), 409)["detail"]
    assert (await store(api, rules(reps[:1], 2))).status_code == 201
    page = await api.get("/api/routing/versions", limit=1)
    assert [one["version"] for one in page["items"]] == [2]
    page = await api.get("/api/routing/versions", limit=1, cursor=page["nextCursor"])
    assert [one["version"] for one in page["items"]] == [1]
    assert (await api.http.post("/api/routing/versions/7/activate")).status_code == 404


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"pools": []}, ["/rules/pools"]),
        ({"rules": [{"id": "all", "pool": "nowhere"}]}, ["/rules"]),
        (
            {"rules": [{"id": "b", "pool": "sales"}, {"id": "a", "pool": "sales", "colour": 1}]},
            ["/rules/rules/1/colour"],
        ),
        ({"stages": ["boiling"]}, ["/rules/stages"]),
        ({"pools": [{"id": "sales", "members": [{"rep": "nobody"}]}]}, ["/rules/pools/0/members/0/rep"]),
    ],
)
async def test_wrong_rules_are_refused_with_a_pointer(api, reps, change, pointers):
    for path in ("/api/routing/versions", "/api/routing/simulate"):
        answer = await api.http.post(path, json={"rules": {**rules(reps), **change}})
        assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == pointers
    assert (await api.get("/api/routing/versions"))["items"] == []


async def test_a_simulation_says_who_would_have_got_what_beside_what_happened(api, reps):
    for number in range(6):
        api.wait(minutes=1)
        await api.store({"leadId": f"lead-{number}", "type": "page_view", "occurredAt": api.at()})
        api.wait(hours=1)
    await api.work()
    for number in range(3):
        body = {"ownerId": reps[0]}
        await api.http.put(f"/api/leads/lead-{number}/owner", json=body)
    await api.work()
    stored = await api.stored()

    answer = await api.http.post("/api/routing/simulate", json={"rules": rules(reps), "days": 30})
    assert answer.status_code == 200, answer.text
    found = answer.json()

    assert (found["leads"], found["truncated"], found["skipped"]) == (6, False, 0)
    assert found["shares"] == [
        {"personId": rep, "wouldGet": 3, "haveGot": 3 if rep == reps[0] else 0} for rep in sorted(reps)
    ] + [{"personId": None, "wouldGet": 0, "haveGot": 3}]
    assert [one["leadId"] for one in found["routed"]] == [f"lead-{number}" for number in range(6)]
    assert all(one["why"] for one in found["routed"])
    assert found["assumptions"]
    assert await api.stored() == stored
    assert (await api.get("/api/routing/versions"))["items"] == []
    assert (await api.get("/api/routing/decisions"))["items"] == []


async def test_a_simulation_of_stages_takes_leads_when_they_enter_one(api, reps):
    await api.store(*({"leadId": "cold", "type": "page_view"} for _ in range(3)))
    await api.store(*({"leadId": "hot", "type": kind} for kind in ("page_view", "demo_request")))
    await api.work()
    body = {"rules": rules(reps, stages=["warm", "hot", "qualified"])}
    found = (await api.http.post("/api/routing/simulate", json=body)).json()
    assert [one["leadId"] for one in found["routed"]] == ["hot"]
