"""Campaigns over HTTP: drafts, estimate, start, progress, leads of a result, and what is refused."""

from __future__ import annotations

import pytest

from workflows.work.loops import drain

DRAFT = {
    "name": "After the fair",
    "mode": "broadcast",
    "audience": {"tag": "fair"},
    "message": {"channel": "email", "subject": "Hi {{firstName|there}}", "text": "Thank you"},
}


@pytest.fixture
async def fair(api):
    """A lead with an address and one without, both with the tag."""
    await api.store({"leadId": "ada", "type": "lead.updated", "properties": {"email": "ada@example.com"}})
    for lead in ("ada", "mute"):
        await api.store({"leadId": lead, "type": "tag.added", "properties": {"tag": "fair"}})
    await api.work()


async def work(api):
    """Do what is due, and what is due soon after that."""
    await drain(api.runtime)
    api.wait(minutes=1)
    await drain(api.runtime)


async def call(api, path, body=None, status=200):
    answer = await api.http.post(f"/api/campaigns{path}", json=body or {})
    assert answer.status_code == status, answer.text
    return answer.json()


async def test_a_campaign_from_its_draft_to_the_leads_behind_its_numbers(api, fair):
    draft = await call(api, "", DRAFT, 201)
    one = f"/{draft['id']}"
    assert (draft["state"], draft["estimate"], draft["progress"]) == ("draft", None, None)
    renamed = await api.http.patch(
        f"/api/campaigns{one}", json={"name": "Fair", "endsAt": "2099-01-01T00:00:00Z"}
    )
    assert (renamed.json()["name"], renamed.json()["mode"]) == ("Fair", "broadcast")
    assert (await call(api, f"{one}/estimate", status=202))["estimate"]["state"] == "collecting"
    assert "not ready" in (await call(api, f"{one}/start", {"digest": "x"}, 409))["detail"]
    await work(api)
    estimate = (await api.get(f"/api/campaigns{one}"))["estimate"]
    figures = {name: estimate[name] for name in ("state", "audience", "refused", "refusedByReason")}
    assert figures == {"state": "ready", "audience": 2, "refused": 1, "refusedByReason": {"no-address": 1}}
    started = await call(api, f"{one}/start", {"digest": estimate["digest"]})
    assert (started["state"], started["progress"]["waiting"]) == ("running", 2)
    assert (await call(api, f"{one}/pause", {"why": "a typo"}))["changes"][-1]["why"] == "a typo"
    assert (await call(api, f"{one}/resume"))["state"] == "running"
    await work(api)
    over = await api.get(f"/api/campaigns{one}")
    assert (over["state"], over["ended"]) == ("finished", "completed")
    wanted = {"audience": 2, "waiting": 0, "underWay": 0, "done": 1, "withheld": 1, "failed": 0, "erased": 0}
    assert over["progress"] == {**wanted, "withheldByReason": {"no-address": 1}, "present": 0}
    (sent,) = (await api.get(f"/api/campaigns{one}/leads", result="done"))["items"]
    (message,) = (await api.get("/api/messages", leadId="ada"))["items"]
    assert (sent["leadId"], sent["messageId"], sent["enrolmentId"]) == ("ada", message["id"], None)
    (kept,) = (await api.get(f"/api/campaigns{one}/leads", result="withheld"))["items"]
    assert (kept["leadId"], kept["reasons"]) == ("mute", ["no-address"])
    listed = (await api.get("/api/campaigns", state="finished"))["items"]
    assert [one["id"] for one in listed] == [draft["id"]]
    assert "is finished" in (await call(api, f"{one}/finish", status=409))["detail"]
    actions = [entry["action"] for entry in (await api.get("/api/audit", target=draft["id"]))["items"]]
    assert sorted(actions) == sorted(
        f"campaign.{did}" for did in ("created", "changed", "started", "paused", "resumed", "finished")
    )


@pytest.mark.parametrize(
    ("different", "pointer"),
    [
        ({"audience": {"stage": "warmish"}}, "/audience/stage"),
        ({"audience": {"owner": "me"}}, "/audience/owner"),
        ({"audience": {"tags": "fair"}}, "/audience/tags"),
        ({"message": {"channel": "fax", "text": "x"}}, "/message/channel"),
        ({"message": {"channel": "email", "subject": "x", "text": "{{firstName}}"}}, "/message/text"),
        ({"mode": "sequence", "message": None, "sequence": "none-of-this-name"}, "/sequence"),
        ({"mode": "burst"}, "/mode"),
        ({"startsAt": "2099-01-02T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}, "/endsAt"),
    ],
)
async def test_a_draft_that_cannot_work_is_refused_with_the_field(api, different, pointer):
    refused = await call(api, "", {**DRAFT, **different}, 400)
    assert pointer in [fault["pointer"] for fault in refused["errors"]]
    assert (await api.get("/api/campaigns"))["items"] == []
