"""The audit log: every change is recorded together with its actor, without secrets."""

from __future__ import annotations

import asyncio

import pytest

from engine.operations.audit_log import AuditAction
from workflows.audited import audited
from workflows.webhooks.endpoints import disable_endpoint

HOOK = {"url": "https://example.com/hooks?token=hunter2&team=sales", "description": "CRM"}


async def log(api, **query):
    return (await api.get("/api/audit", **query))["items"]


async def deeds(api):
    """What was done, the oldest first."""
    return [one["action"] for one in reversed(await log(api))]


@pytest.fixture
def me(api):
    return {"kind": "key", "name": "tests", "keyId": api.key.key.key_id, "personId": None}


async def test_the_life_of_a_key_is_in_the_log(api, me):
    made = (await api.http.post("/api/keys", json={"name": "crm", "scopes": ["read"]})).json()
    api.wait(minutes=1)
    rotated = (await api.http.post(f"/api/keys/{made['id']}/rotate")).json()
    api.wait(minutes=1)
    await api.http.post(f"/api/keys/{made['id']}/revoke")
    await api.http.post(f"/api/keys/{made['id']}/revoke")  # changes nothing more
    revoked, rotation, creation = await log(api)
    assert [one["action"] for one in (creation, rotation, revoked)] == [
        "key.created",
        "key.rotated",
        "key.revoked",
    ]
    for entry in (creation, rotation, revoked):
        assert (entry["who"], entry["target"]) == (me, made["id"])
    assert (creation["at"], revoked["at"]) == (api.at(), api.at(minutes=2))
    assert creation["before"] is None
    assert creation["after"] == {
        "name": "crm",
        "scopes": ["read"],
        "origins": [],
        "secretsExpireAt": [None],
        "revoked": False,
    }
    assert len(rotation["after"]["secretsExpireAt"]) == 2
    assert (revoked["before"]["revoked"], revoked["after"]["revoked"]) == (False, True)
    stored = str(await api.runtime.store.database["auditLog"].find().to_list())
    for key in (made["key"], rotated["key"]):
        assert key[-64:] not in stored
    for document in await api.runtime.store.database["apiKeys"].find().to_list():
        for secret in document["secrets"]:
            assert secret["hash"] not in stored


async def test_the_life_of_a_webhook_endpoint_is_in_the_log(api, me):
    made = (await api.http.post("/api/webhook-endpoints", json=HOOK)).json()
    path = f"/api/webhook-endpoints/{made['id']}"
    for change in ({"enabled": False}, {"enabled": False}, {}):
        api.wait(minutes=1)
        await api.http.patch(path, json=change)
    api.wait(minutes=1)
    rotated = (await api.http.post(f"{path}/rotate-secret")).json()
    api.wait(minutes=1)
    await api.http.delete(path)
    entries = list(reversed(await log(api, target=made["id"])))
    assert [one["action"] for one in entries] == [
        "webhook_endpoint.created",
        "webhook_endpoint.changed",
        "webhook_endpoint.secret_rotated",
        "webhook_endpoint.deleted",
    ]
    assert {one["who"]["keyId"] for one in entries} == {me["keyId"]}
    assert [entries[1][side]["state"] for side in ("before", "after")] == ["enabled", "disabled"]
    assert entries[3]["after"] is None
    stored = str(await api.runtime.store.database["auditLog"].find().to_list())
    for secret in (made["secret"], rotated["secret"], "hunter2"):
        assert secret not in stored
    assert "team=sales" in stored


async def test_an_endpoint_that_the_engine_gives_up_on_is_its_own_deed(api):
    made = (await api.http.post("/api/webhook-endpoints", json=HOOK)).json()
    api.wait(minutes=1)
    assert await disable_endpoint(api.runtime, made["id"], "It answered 410 Gone.")
    assert not await disable_endpoint(api.runtime, made["id"], "Again.")
    (entry, _) = await log(api)
    assert (entry["action"], entry["who"]["kind"]) == ("webhook_endpoint.disabled", "engine")
    assert entry["after"]["reason"] == "It answered 410 Gone."


async def test_what_was_refused_is_not_in_the_log(api):
    await api.http.post("/api/keys", json={"name": "", "scopes": ["read"]})
    await api.http.post("/api/keys/key_0/revoke")
    await api.http.post("/api/webhook-endpoints", json={"url": "http://127.0.0.9"})
    await api.http.delete("/api/webhook-endpoints/ep_0")
    assert await log(api) == []


async def test_neither_the_change_nor_its_entry_is_there_without_the_other(api, monkeypatch):
    async def broken(*_):
        raise RuntimeError("the log is broken")

    monkeypatch.setattr(api.runtime.operations.audit, "add", broken)
    answer = await api.http.post("/api/keys", json={"name": "crm", "scopes": ["read"]})
    api.problem(answer, 500)
    monkeypatch.undo()
    assert len((await api.get("/api/keys"))["items"]) == 1
    assert await log(api) == []


async def test_changes_at_the_same_time_are_all_in_the_log(api):
    key = await api.new_key("read")
    before = len(await log(api))
    answers = await asyncio.gather(
        *(api.http.post(f"/api/keys/{key.key.key_id}/rotate", json={"overlapHours": 0}) for _ in range(4))
    )
    done = sum(answer.status_code == 200 for answer in answers)
    assert {answer.status_code for answer in answers} <= {200, 409}
    assert done >= 1
    assert len(await log(api)) == before + done


async def test_pages_of_the_log_lead_through_all_of_it(api):
    for number in range(5):
        await api.new_key("read")
        api.wait(seconds=number % 2)  # some at the same moment
    seen, path = [], "/api/audit?limit=2"
    while path:
        answer = await api.http.get(path)
        seen += [one["id"] for one in answer.json()["items"]]
        path = answer.links.get("next", {}).get("url")
    assert len(seen) == len(set(seen)) == 5


async def test_nobody_can_change_the_log_over_http(api):
    await api.new_key("read")
    (entry,) = await log(api)
    for method in ("post", "put", "patch", "delete"):
        assert (await api.http.request(method, "/api/audit")).status_code == 405
        assert (await api.http.request(method, f"/api/audit/{entry['id']}")).status_code == 404


async def test_a_deed_that_need_not_be_done_leaves_no_trace(api):
    async def nothing(_):
        return "done", None

    async def something(_):
        return "done", AuditAction("test.done", "x")

    assert await audited(api.runtime, None, nothing) == "done"
    assert await log(api) == []
    with pytest.raises(AttributeError):  # the control: an action needs an actor
        await audited(api.runtime, None, something)
