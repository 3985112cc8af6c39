"""One list of all that waits to leave the engine, and what a person may do to a unit of it."""

from __future__ import annotations

from typing import get_args

import pytest

from api.work.work import KindName
from engine.webhooks.message import test_message as message_of_a_test
from workflows.leads.process import process_leads
from workflows.work.loops import drain

PATH = "/api/work"


@pytest.fixture
async def open_work(api):
    """Two executions that are due at noon, and a delivery that was due a minute before; their ids."""
    await api.store(*({"leadId": name, "type": "demo_request"} for name in ("ada", "bob")))
    await process_leads(api.runtime, ["ada", "bob"])
    at = api.clock.at - 60_000
    (delivery,) = await api.runtime.webhooks.deliveries.add(message_of_a_test("m", at), ["ep_gone"], at)
    executions = (await api.get("/api/automations/executions"))["items"]
    return delivery, *sorted(one["executionId"] for one in executions)


async def every(api, **query):
    """All items of the list, by the `Link` header."""
    items, answer = [], await api.http.get(PATH, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if "next" not in answer.links:
            return items
        answer = await api.http.get(answer.links["next"]["url"])


def test_every_kind_that_is_registered_is_a_filter(api):
    assert set(get_args(KindName)) == set(api.runtime.work.stores)


async def test_a_unit_says_what_it_is_and_when_it_is_due(api, open_work):
    delivery, first, _ = open_work
    listed = {one["id"]: one for one in await every(api)}
    assert listed[delivery] == {
        "kind": "webhook",
        "id": delivery,
        "leadId": None,
        "state": "waiting",
        "createdAt": api.at(minutes=-1),
        "dueAt": api.at(minutes=-1),
        "leasedUntil": None,
        "attempts": 0,
        "lastAttempt": None,
        "heldBecause": None,
        "waitsBecause": None,
    }
    assert (listed[first]["kind"], listed[first]["leadId"] in {"ada", "bob"}) == ("automation", True)


@pytest.mark.parametrize("limit", [1, 2, 200])
async def test_the_list_of_all_kinds_goes_by_due_time_whatever_the_page_size(api, open_work, limit):
    assert [one["id"] for one in await every(api, limit=limit)] == list(open_work)


async def test_units_are_found_by_kind_and_state(api, open_work):
    delivery, *executions = open_work
    assert [one["id"] for one in await every(api, kind="webhook")] == [delivery]
    assert [one["id"] for one in await every(api, kind="automation", state="waiting")] == executions
    assert await every(api, state="dead") == await every(api, kind="webhook", state="retrying") == []
    await drain(api.runtime)
    assert [one["id"] for one in await every(api)] == [delivery], "its endpoint is gone"
    (dead,) = await every(api, state="dead")
    assert dead["lastAttempt"] == {
        "number": 1,
        "at": api.at(),
        "outcome": "failed",
        "detail": "the endpoint is gone",
    }
    assert sorted(one["id"] for one in await every(api, state="done")) == executions


async def test_an_attempt_under_way_shows_its_lease(api, open_work):
    _, first, _ = open_work
    await api.runtime.automations.executions.claim([first], api.clock.at, 60_000)
    (listed,) = [one for one in await every(api) if one["id"] == first]
    assert (listed["leasedUntil"], listed["attempts"]) == (api.at(minutes=1), 1)
    assert listed["lastAttempt"]["outcome"] is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("kind", "letter"), ("kind", ""), ("state", "pending"), ("cursor", "x"), ("limit", "0")],
)
async def test_a_filter_that_means_nothing_is_refused_by_name(api, name, value):
    answer = await api.http.get(PATH, params={name: value})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == [f"?{name}"]


async def test_a_held_unit_is_not_attempted_until_it_is_resumed(api, open_work):
    _, first, second = open_work
    held = await api.http.post(f"{PATH}/automation/{first}/hold", json={"because": "the contract ended"})
    assert (held.status_code, held.json()["state"]) == (200, "held")
    assert held.json()["heldBecause"] == "the contract ended"
    assert await drain(api.runtime) == 2
    assert [one["id"] for one in await every(api, state="held")] == [first]
    (execution,) = (await api.get("/api/automations/executions", state="held"))["items"]
    assert execution["executionId"] == first
    resumed = await api.http.post(f"{PATH}/automation/{first}/resume")
    assert (resumed.status_code, resumed.json()["state"]) == (200, "waiting")
    assert await drain(api.runtime) == 1
    assert sorted(one["id"] for one in await every(api, state="done")) == sorted((first, second))


async def test_a_dead_unit_can_be_attempted_again(api, open_work):
    delivery, *_ = open_work
    await drain(api.runtime)
    answer = await api.http.post(f"{PATH}/webhook/{delivery}/retry")
    assert (answer.status_code, answer.json()["state"], answer.json()["attempts"]) == (202, "waiting", 1)
    assert await drain(api.runtime) == 1


async def test_what_a_person_does_is_in_the_audit_log(api, open_work):
    delivery, *_ = open_work
    for act, body in (("hold", {"because": "why"}), ("resume", None), ("retry", None)):
        await api.http.post(f"{PATH}/webhook/{delivery}/{act}", json=body)
        api.wait(seconds=1)
    entries = (await api.get("/api/audit", target=delivery))["items"]
    assert [one["action"] for one in entries] == ["work.retried", "work.resumed", "work.held"]
    assert entries[2]["before"]["state"] == "waiting"
    assert entries[2]["after"] == {"kind": "webhook", "state": "held", "attempts": 0, "heldBecause": "why"}


async def test_what_cannot_be_done_to_a_unit_is_refused(api, open_work):
    delivery, *_ = open_work
    at = f"{PATH}/webhook/{delivery}"
    assert "not held" in api.problem(await api.http.post(f"{at}/resume"), 409)["detail"]
    await api.runtime.webhooks.deliveries.claim([delivery], api.clock.at, 60_000)
    for act, body in (("hold", {"because": "why"}), ("retry", None)):
        assert "under way" in api.problem(await api.http.post(f"{at}/{act}", json=body), 409)["detail"]
    for unit in ("webhook/none", f"automation/{delivery}", "message/none"):
        api.problem(await api.http.post(f"{PATH}/{unit}/retry"), 404)
    problem = api.problem(await api.http.post(f"{at}/hold", json={"because": ""}), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/because"]
