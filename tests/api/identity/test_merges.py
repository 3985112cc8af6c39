"""Merges over HTTP: the surviving lead answers under every id, and the undoing gives both back."""

from __future__ import annotations

import pytest

VIEW = {"type": "page_view"}


async def call(api, path, body, status=200):
    answer = await api.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else None


@pytest.fixture
async def two(api):
    await api.store(
        {"leadId": "ada", "type": "signup", "properties": {"name": "Ada"}},
        {"leadId": "web", "type": "page_view", "properties": {"name": "Web"}},
        {"leadId": "web", "type": "download"},
    )
    await api.work()


async def merged(api):
    return await call(api, "/api/leads/web/merge", {"into": "ada", "why": "Ada said so"})


async def test_a_merged_lead_answers_under_both_ids_and_names_both(api, two):
    found = await merged(api)
    assert (found["leadId"], found["absorbedId"]) == ("ada", "web")
    lead = await api.get("/api/leads/web")
    assert (lead["leadId"], lead["requestedId"]) == ("ada", "web")
    for sub in ("intelligence", "history", "events", "timeline"):
        by_old, by_new = await api.get(f"/api/leads/web/{sub}"), await api.get(f"/api/leads/ada/{sub}")
        assert (by_old.pop("leadId"), by_old.pop("requestedId")) == ("ada", "web")
        assert (by_new.pop("leadId"), by_new.pop("requestedId")) == ("ada", "ada")
        by_old.pop("asOf", None), by_new.pop("asOf", None)
        assert by_old.keys() == by_new.keys()
        assert by_old.get("items") == by_new.get("items")
        assert by_old.get("score") == pytest.approx(by_new.get("score")) if "score" in by_old else True
    types = [one["type"] for one in (await api.get("/api/leads/web/history"))["items"]]
    assert {"lead.merged", "lead.absorbed"} <= set(types)
    entries = (await api.get("/api/leads/web/timeline", kind="merge"))["items"]
    assert {one["event"]["type"] for one in entries} == {"lead.merged", "lead.absorbed"}
    assert {one["kind"] for one in entries} == {"merge"}
    events = (await api.get("/api/leads/web/events"))["items"]
    assert {
        (one["leadId"], one["properties"].get("name")) for one in events if "name" in one["properties"]
    } == {
        ("ada", "Ada"),
        ("web", "Web"),
    }
    listed = (await api.get("/api/leads"))["items"]
    assert [one["leadId"] for one in listed] == ["ada"]
    assert [one["leadId"] for one in (await api.get("/api/leads", ids="web,ada"))["items"]] == ["ada"]


async def test_events_after_a_merge_count_under_both_ids_and_can_be_waited_for(api, two):
    await merged(api)
    [position] = await api.store({"leadId": "web", "type": "demo_request"})
    await api.work()
    found = await api.get("/api/leads/web/intelligence", after=position)
    assert found["position"] >= position
    assert found["leadId"] == "ada"


async def test_an_unmerge_is_asked_for_by_either_id_and_audited(api, two):
    await merged(api)
    found = await call(api, "/api/leads/web/unmerge", {"why": "two people"})
    assert (found["leadId"], found["separatedFrom"]) == ("web", "ada")
    assert (await api.get("/api/leads/web"))["leadId"] == "web"
    await merged(api)
    assert (await call(api, "/api/leads/ada/unmerge", {"why": "again"}))["leadId"] == "web"
    log = (await api.get("/api/audit"))["items"]
    actions = [one["action"] for one in log if one["target"] == "web"]
    assert sorted(actions) == ["lead.merged", "lead.merged", "lead.unmerged", "lead.unmerged"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/api/leads/web/merge", {"into": "nobody", "why": "x"}, 404),
        ("/api/leads/nobody/merge", {"into": "ada", "why": "x"}, 404),
        ("/api/leads/web/merge", {"into": "ada"}, 400),
        ("/api/leads/web/merge", {"into": "", "why": "x"}, 400),
        ("/api/leads/web/unmerge", {"why": "never merged"}, 409),
        ("/api/leads/nobody/unmerge", {"why": "x"}, 404),
        ("/api/duplicates/nothing/dismiss", None, 404),
    ],
)
async def test_what_cannot_be_done_is_refused_and_changes_nothing(api, two, path, body, status):
    answer = await api.http.post(path, json=body)
    assert answer.status_code == status, answer.text
    assert len((await api.get("/api/leads"))["items"]) == 2


@pytest.mark.parametrize("kind", ["lead.merged", "lead.absorbed", "lead.unmerged", "lead.separated"])
async def test_no_sender_can_say_that_leads_are_merged(api, kind):
    await api.refuses({"leadId": "ada", "type": kind, "properties": {"into": "web"}}, "/type")


async def test_possible_duplicates_are_listed_with_the_reason_until_they_are_merged_or_dismissed(api):
    for said in ({"userId": "u1"}, {"email": "a@example.com"}, {"phone": "+16502530000"}):
        await call(api, "/api/events", {**VIEW, "identifiers": said}, 202)
    said = {"userId": "u1", "email": "a@example.com", "phone": "+16502530000"}
    await call(api, "/api/events", [{**VIEW, "identifiers": said}] * 2, 202)
    pairs = (await api.get("/api/duplicates"))["items"]
    assert {one["kind"] for one in pairs} == {"email", "phone"}
    assert "phone" in next(one for one in pairs if one["kind"] == "phone")["reason"]
    by_kind = {one["kind"]: one for one in pairs}
    await call(api, f"/api/duplicates/{by_kind['phone']['duplicateId']}/dismiss", None, 204)
    into, part = by_kind["email"]["leadIds"]
    await call(api, f"/api/leads/{part}/merge", {"into": into, "why": "same address"})
    await call(api, "/api/events", {**VIEW, "identifiers": said}, 202)
    assert (await api.get("/api/duplicates"))["items"] == []


async def test_tasks_of_an_absorbed_lead_are_those_of_the_lead_and_are_given_back(api):
    await api.store(*({"leadId": "web", "type": "demo_request", "occurredAt": api.at()} for _ in range(4)))
    await api.store({"leadId": "ada", "type": "page_view"})
    await api.work()
    tasks = (await api.get("/api/tasks", leadId="web"))["items"]
    assert tasks
    await merged(api)
    assert (await api.get("/api/tasks", leadId="ada"))["items"] == tasks
    await call(api, "/api/leads/web/unmerge", {"why": "two people"})
    assert (await api.get("/api/tasks", leadId="ada"))["items"] == []


async def test_an_erasure_of_a_merged_lead_erases_all_its_streams(api, two):
    await call(api, "/api/events", {**VIEW, "leadId": "web", "identifiers": {"email": "w@example.com"}}, 202)
    await merged(api)
    exported = await api.get("/api/leads/web/export")
    assert {"Ada", "Web"} <= {one["properties"].get("name") for one in exported["events"]}
    assert [one["value"] for one in exported["identifiers"]] == ["w@example.com"]
    assert [(one["leadId"], one["into"]) for one in exported["merges"]] == [("web", "ada")]
    erased = (await api.http.delete("/api/leads/web/personal-data")).json()
    assert (erased["keys"], erased["identifiers"]) == (2, 1)
    events = (await api.get("/api/leads/ada/events"))["items"]
    assert {one["properties"].get("name") for one in events} - {None} == {"[erased]"}
