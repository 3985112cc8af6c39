"""Tasks that people create by hand, once per idempotency key, with an event in the stream of the lead."""

from __future__ import annotations

import pytest

PATH = "/api/tasks"


@pytest.fixture(autouse=True)
async def lead(api):
    await api.store({"leadId": "ada", "type": "page_view"})
    await api.work()


async def create(api, who=None, headers=None, **changes):
    body = {"leadId": "ada", "title": "Send Ada the offer", "dueAt": api.at(hours=3), **changes}
    return await (who or api).http.post(PATH, json=body, headers=headers)


async def tasks(api):
    return (await api.get("/api/tasks"))["items"]


async def test_a_task_is_created_for_somebody_and_stands_in_the_list_the_queue_and_the_stream(api):
    async with api.signed_in("rep") as ben:
        answer = await create(api, ben, assigneeId=ben.person.person_id, priority="high")
        assert answer.status_code == 201, answer.text
        task = answer.json()
        wanted = {
            "leadId": "ada",
            "title": "Send Ada the offer",
            "dueAt": api.at(hours=3),
            "priority": "high",
            "assigneeId": ben.person.person_id,
            "createdBy": ben.person.person_id,
            "ruleId": "by-hand",
            "state": "open",
        }
        assert {name: task[name] for name in wanted} == wanted
        assert await tasks(api) == [task]
        event = (await api.get("/api/leads/ada/events"))["items"][0]
        said = {"taskId": task["taskId"], "title": wanted["title"], "author": ben.person.person_id}
        assert (event["type"], event["properties"]) == ("task.created", said)
    before = (await api.get("/api/leads/ada"))["score"]
    await api.work()
    assert (await api.get("/api/leads/ada"))["score"] == before
    (queued,) = (await api.get("/api/queue"))["items"]
    assert queued["because"]["taskId"] == task["taskId"]
    (entry,) = (await api.get("/api/audit", target=task["taskId"]))["items"]
    assert (entry["action"], "offer" in str(entry)) == ("task.created", False)


async def test_the_same_key_creates_one_task_and_another_body_under_it_is_refused(api):
    key = {"Idempotency-Key": "k"}
    first, again = await create(api, headers=key), await create(api, headers=key)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    await api.http.post(f"/api/tasks/{first.json()['taskId']}/done")
    assert (await create(api, headers=key)).json()["state"] == "done"
    assert api.problem(await create(api, headers=key, title="Call"), 422)["code"] == "idempotency-key-reused"
    async with api.signed_in("rep") as ben:
        assert (await create(api, ben, headers=key)).status_code == 201, "a key is of one caller"
    assert len(await tasks(api)) == 2
    created = [
        one for one in (await api.get("/api/leads/ada/events"))["items"] if one["type"] == "task.created"
    ]
    assert len(created) == 2


async def test_a_repeat_after_a_crash_before_the_event_appends_it(api, monkeypatch):
    key, appender = {"Idempotency-Key": "k"}, api.runtime.capture.appender

    async def fail(events):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(appender, "append", fail)
        assert (await create(api, headers=key)).status_code == 500
    assert (await create(api, headers=key)).status_code == 200
    assert (await api.get("/api/leads/ada/events"))["items"][0]["type"] == "task.created"
    assert len(await tasks(api)) == 1


async def test_the_title_is_not_stored_in_the_open_and_goes_with_an_erasure(api):
    await create(api)
    (stored,) = await api.runtime.store.database["tasks"].find().to_list()
    assert "offer" not in str(stored)
    assert (await api.http.delete("/api/leads/ada/personal-data")).status_code == 200
    assert [one["title"] for one in await tasks(api)] == ["[erased]"]
    assert (await api.get("/api/leads/ada/events"))["items"][0]["properties"]["title"] == "[erased]"


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"title": ""}, "/title"),
        ({"title": "  "}, "/title"),
        ({"title": "x" * 201}, "/title"),
        ({"dueAt": "2020-01-01T00:00:00Z"}, "/dueAt"),
        ({"dueAt": "2030-01-01T00:00:00"}, "/dueAt"),
        ({"priority": "urgent"}, "/priority"),
        ({"assigneeId": "person_x"}, "/assigneeId"),
        ({"due": "tomorrow"}, "/due"),
    ],
)
async def test_what_is_wrong_is_named_and_nothing_is_stored(api, changes, pointer):
    problem = api.problem(await create(api, **changes), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
    assert await tasks(api) == []
    assert len((await api.get("/api/leads/ada/events"))["items"]) == 1


async def test_of_a_lead_that_is_not_there_or_not_visible_there_is_no_task(api, monkeypatch):
    api.problem(await create(api, leadId="nobody"), 404)
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        await api.http.put("/api/leads/ada/owner", json={"ownerId": other.person.person_id})
        await api.work()
        api.problem(await create(api, ben), 404)
        assert (await create(api, other)).status_code == 201


async def test_a_task_about_a_merged_lead_is_of_the_lead_that_it_is_part_of(api):
    await api.store({"leadId": "old", "type": "page_view"})
    await api.work()
    await api.http.post("/api/leads/old/merge", json={"into": "ada", "why": "one person"})
    assert (await create(api, leadId="old")).json()["leadId"] == "ada"
