"""Previews over HTTP: started, read, the leads behind every number, published by digest, rolled back."""

from __future__ import annotations

import pytest

from engine.operations.audit_log import ENGINE
from engine.rulebooks.built_in import built_in, built_in_text
from workflows.rule_lab.background import work_on_previews
from workflows.rule_lab.shadow import follow_shadow
from workflows.rulebooks.activate import activate_rulebook

RULES = "/api/rulebooks"
MINE = built_in_text("classic").replace("name: classic", "name: lab").replace("points: 30", "points: 5")


@pytest.fixture
async def asked(api):
    """Three leads that asked for a demo, and one that looked at a page, under `classic`."""
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))
    await api.store(
        *({"leadId": name, "type": "demo_request"} for name in ("lab-a", "lab-b", "lab-c")),
        {"leadId": "lab-d", "type": "page_view"},
    )
    await api.work()
    yield
    await activate_rulebook(api.runtime, ENGINE, built_in("classic"))


async def started(api, **body):
    answer = await api.http.post(f"{RULES}/preview", json={"text": MINE, **body})
    assert answer.status_code == 202, answer.text
    return answer.json()


async def test_a_preview_is_read_with_the_leads_behind_its_numbers_and_published(api, asked):
    begun = await started(api)
    assert (begun["status"], begun["figures"], begun["class"]) == ("running", None, "scale")
    await work_on_previews(api.runtime)
    done = await api.get(f"/api/previews/{begun['id']}")
    assert (done["status"], done["sampleComplete"]) == ("done", True)
    figures = done["figures"]
    assert figures["moved"]["down"] >= 3
    leads = f"/api/previews/{begun['id']}/leads"
    answer = await api.http.get(leads, params={"moved": "down", "limit": 2})
    assert answer.status_code == 200, answer.text
    page = answer.json()["items"]
    while "next" in answer.links:
        answer = await api.http.get(answer.links["next"]["url"])
        page += answer.json()["items"]
    assert len(page) == figures["moved"]["down"]
    lead = next(one for one in page if one["leadId"] == "lab-a")
    assert (lead["now"]["stage"], lead["then"]["stage"]) == ("warm", "cold")
    assert [one["points"] for one in (lead["now"]["reasons"] + lead["then"]["reasons"])] == [30, 5]
    move = {"before": "warm", "after": "cold"}
    assert {**move, "leads": len(page)} in figures["stages"]
    found = await api.get(f"/api/previews/{begun['id']}/leads", **move)
    assert {one["leadId"] for one in found["items"]} == {one["leadId"] for one in page}

    publish = {"preview": begun["id"], "expect": done["digest"]}
    answer = await api.http.post(f"{RULES}/publish", json={**publish, "mostMoved": 0.0})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/mostMoved")
    answer = await api.http.post(f"{RULES}/publish", json={**publish, "expect": "x"})
    assert answer.status_code == 409
    answer = await api.http.post(f"{RULES}/publish", json=publish)
    assert (answer.status_code, answer.json()["label"]) == (200, "lab@2")
    answer = await api.http.post(f"{RULES}/rollback")
    assert answer.json()["label"] == "classic@2"


async def test_a_preview_is_listed_and_deleted(api, asked):
    begun = await started(api, sample=1, all=False)
    assert begun["id"] in {one["id"] for one in (await api.get("/api/previews"))["items"]}
    assert (await api.http.delete(f"/api/previews/{begun['id']}")).status_code == 204
    assert (await api.http.get(f"/api/previews/{begun['id']}")).status_code == 404
    assert (await api.http.get(f"/api/previews/{begun['id']}/leads")).status_code == 404
    assert await work_on_previews(api.runtime) == 0


@pytest.mark.parametrize(
    ("body", "pointer"),
    [({"sample": 0}, "/sample"), ({"days": 1000}, "/days"), ({"leads": 3}, "/leads")],
)
async def test_a_preview_names_the_field_that_is_wrong(api, body, pointer):
    answer = await api.http.post(f"{RULES}/preview", json={"text": MINE, **body})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


async def test_a_challenger_is_started_read_and_stopped(api, asked, monkeypatch):
    async def no_lead_waits(*_):
        return 0

    monkeypatch.setattr(api.runtime.work_queue, "waiting_messages", no_lead_waits)
    assert (await api.http.get(f"{RULES}/shadow")).status_code == 404
    begun = (await api.http.put(f"{RULES}/shadow", json={"text": MINE, "days": 3})).json()
    assert (begun["status"], begun["label"], begun["before"]) == ("starting", "lab@2", "classic@2")
    await api.store({"leadId": "lab-a", "type": "page_view"})
    await api.work()
    await follow_shadow(api.runtime)
    found = await api.get(f"{RULES}/shadow")
    assert (found["shadow"]["status"], found["filled"]) == ("running", True)
    moves = {(one["before"], one["after"]): one["leads"] for one in found["stages"]}
    assert moves["hot", "cold"] == 1
    assert sum(moves.values()) == found["leads"] >= 4  # those too that did nothing since
    ended = {one["moved"]: one for one in found["ended"]}
    assert (ended["up"]["leads"], ended["down"]["leads"]) == (0, found["moved"])
    assert ended["down"]["open"] >= 3
    assert (await api.http.delete(f"{RULES}/shadow")).status_code == 204
    await follow_shadow(api.runtime)
    assert (await api.http.delete(f"{RULES}/shadow")).status_code == 404
