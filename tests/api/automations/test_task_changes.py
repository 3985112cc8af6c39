"""POST /api/task-changes: one change of many tasks, and what became of each."""

from __future__ import annotations

import pytest

PATH = "/api/task-changes"


@pytest.fixture
async def tasks(api, ada):
    """The ids of the tasks that an automation made, of one by hand, and of one about another lead."""
    ids = [one["taskId"] for one in (await api.get("/api/tasks"))["items"]]
    await api.store({"leadId": "bob", "type": "page_view"})
    await api.work()
    for lead in ("ada", "bob"):
        body = {"leadId": lead, "title": "Call", "dueAt": api.at(hours=3)}
        ids.append((await api.http.post("/api/tasks", json=body)).json()["taskId"])
    return ids


async def change(api, ids, who=None, **body):
    answer = await (who or api).http.post(PATH, json={"tasks": ids, **body})
    assert answer.status_code == 200, answer.text
    results = answer.json()["results"]
    assert [one["taskId"] for one in results] == list(ids)
    return [one["status"] for one in results], [one["task"] for one in results]


async def test_tasks_are_assigned_snoozed_and_done_with_a_result_and_an_entry_for_each(api, tasks):
    async with api.signed_in("rep") as ben:
        mine = {"assigneeId": ben.person.person_id}
        found, now = await change(api, [*tasks, "task_x"], ben, assign=mine)
        assert found == [*["changed"] * len(tasks), "not-found"]
        assert {one["assigneeId"] for one in now[:-1]} == {ben.person.person_id}
        assert (await change(api, tasks, ben, assign=mine))[0] == ["unchanged"] * len(tasks)
    later = {"until": api.at(days=2)}
    found, now = await change(api, tasks, snooze=later)
    assert (set(found), {one["dueAt"] for one in now}) == ({"changed"}, {later["until"]})
    assert set((await change(api, tasks, snooze=later))[0]) == {"unchanged"}
    assert (await change(api, tasks[:2], done={"outcome": "called"}))[0] == ["changed", "changed"]
    assert (await change(api, tasks[:3], done={}))[0] == ["unchanged", "unchanged", "changed"]
    assert (await change(api, tasks[:1], snooze={"until": api.at(days=3)}))[0] == ["done"]
    assert (await change(api, tasks[:1], assign={"assigneeId": None}))[0] == ["done"]
    entries = (await api.get("/api/audit", target=tasks[0]))["items"]
    assert {one["action"] for one in entries} == {"task.completed", "task.snoozed", "task.assigned"}
    assert len(entries) == 3


async def test_a_snooze_that_is_repeated_is_undone_to_the_first_due_time(api, tasks):
    (before,) = [one for one in (await api.get("/api/tasks"))["items"] if one["taskId"] == tasks[-1]]
    for _ in range(2):
        await change(api, tasks[-1:], snooze={"until": api.at(days=2)})
    assert (await api.http.delete(f"/api/tasks/{tasks[-1]}/snooze")).json() == before


async def test_tasks_of_leads_that_are_not_visible_are_not_there(api, tasks, monkeypatch):
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        await api.http.put("/api/leads/ada/owner", json={"ownerId": other.person.person_id})
        await api.work()
        found, _ = await change(api, tasks, ben, done={})
        assert found == [*["not-found"] * (len(tasks) - 1), "changed"]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"tasks": [], "done": {}}, "/tasks"),
        ({"tasks": ["a", "a"], "done": {}}, "/tasks"),
        ({"tasks": [str(one) for one in range(201)], "done": {}}, "/tasks"),
        ({"tasks": ["a"]}, ""),
        ({"tasks": ["a"], "done": {}, "assign": {"assigneeId": None}}, ""),
        ({"tasks": ["a"], "assign": {"assigneeId": "person_x"}}, "/assign/assigneeId"),
        ({"tasks": ["a"], "snooze": {"until": "2020-01-01T00:00:00Z"}}, "/snooze/until"),
        ({"tasks": ["a"], "done": {"outcome": "Two words"}}, "/done/outcome"),
    ],
)
async def test_what_is_wrong_is_named_and_no_task_is_changed(api, body, pointer):
    problem = api.problem(await api.http.post(PATH, json=body), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == [pointer]
