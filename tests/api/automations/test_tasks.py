"""Tasks are assigned, snoozed and done with an outcome; what is done stays as it is."""

from __future__ import annotations

import pytest


@pytest.fixture
async def task(api, ada):
    """The id of the task that is due first."""
    return (await api.get("/api/tasks"))["items"][0]["taskId"]


async def act(api, task, what, **body):
    return await api.http.post(f"/api/tasks/{task}/{what}", json=body)


async def log(api, task):
    return [(one["action"], one["after"]) for one in (await api.get("/api/audit", target=task))["items"]]


async def test_a_task_is_given_to_a_person_and_found_by_that(api, task):
    async with api.signed_in("rep") as ben:
        given = await act(api, task, "assign", assigneeId=ben.person.person_id)
        assert (given.status_code, given.json()["assigneeId"]) == (200, ben.person.person_id)
        mine = (await ben.http.get("/api/tasks", params={"assignee": "me"})).json()["items"]
        assert [one["taskId"] for one in mine] == [task]
        assert await api.get("/api/tasks", assignee=ben.person.person_id) == {
            "items": mine,
            "nextCursor": None,
        }
        assert (await api.get("/api/tasks", assignee="me"))["items"] == []
        await act(api, task, "assign", assigneeId=ben.person.person_id)
        assert await log(api, task) == [
            ("task.assigned", {"assigneeId": ben.person.person_id, "leadId": "ada"})
        ]
    taken = await act(api, task, "assign", assigneeId=None)
    assert taken.json()["assigneeId"] is None


async def test_only_who_may_work_gets_a_task(api, task):
    async with api.signed_in("viewer") as eve:
        for nobody in (eve.person.person_id, "person_x"):
            problem = api.problem(await act(api, task, "assign", assigneeId=nobody), 400)
            assert [fault["pointer"] for fault in problem["errors"]] == ["/assigneeId"]


async def test_a_snoozed_task_is_due_later_and_leaves_the_queue(api, task):
    assert [one["because"]["taskId"] for one in (await api.get("/api/queue"))["items"]] == [task]
    for one in (await api.get("/api/tasks"))["items"]:
        snoozed = await act(api, one["taskId"], "snooze", until=api.at(days=3))
        assert (snoozed.status_code, snoozed.json()["dueAt"]) == (200, api.at(days=3))
    assert [one["because"]["kind"] for one in (await api.get("/api/queue"))["items"]] == ["score"]
    api.wait(days=2, hours=1)
    assert [one["because"]["kind"] for one in (await api.get("/api/queue"))["items"]] == ["task"]
    ((action, after),) = await log(api, task)
    assert (action, after["leadId"]) == ("task.snoozed", "ada")


async def test_the_last_snooze_is_undone_once(api, task):
    api.wait(days=30)
    for days in (33, 35):
        await act(api, task, "snooze", until=api.at(days=days))
    assert (await api.http.delete(f"/api/tasks/{task}/snooze")).json()["dueAt"] == api.at(days=33)
    api.problem(await api.http.delete(f"/api/tasks/{task}/snooze"), 409)
    assert sorted(action for action, _ in await log(api, task)) == [
        "task.snoozed",
        "task.snoozed",
        "task.unsnoozed",
    ]


async def test_an_overdue_task_is_overdue_again_when_its_snooze_is_undone(api, task):
    (before,) = [one for one in (await api.get("/api/tasks"))["items"] if one["taskId"] == task]
    api.wait(days=30)
    await act(api, task, "snooze", until=api.at(days=33))
    assert (await api.http.delete(f"/api/tasks/{task}/snooze")).json() == before


async def test_a_done_task_is_opened_again_due_when_it_was(api, task):
    (before,) = [one for one in (await api.get("/api/tasks"))["items"] if one["taskId"] == task]
    await act(api, task, "done", outcome="demo-booked")
    for _ in range(2):
        opened = await api.http.post(f"/api/tasks/{task}/reopen")
        assert (opened.status_code, opened.json()) == (200, before)
    assert {action for action, _ in await log(api, task)} == {"task.reopened", "task.completed"}


@pytest.mark.parametrize("hours", [0, -1, 24 * 367])
async def test_a_task_is_not_snoozed_into_the_past_or_for_ever(api, task, hours):
    problem = api.problem(await act(api, task, "snooze", until=api.at(hours=hours)), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/until"]


async def test_a_done_task_keeps_its_outcome_and_is_changed_no_more(api, task):
    done = await act(api, task, "done", outcome="demo-booked")
    assert (done.json()["state"], done.json()["outcome"]) == ("done", "demo-booked")
    for again in (
        await act(api, task, "done", outcome="other"),
        await api.http.post(f"/api/tasks/{task}/done"),
    ):
        assert again.json() == done.json()
    assert [action for action, _ in await log(api, task)] == ["task.completed"]
    api.problem(await act(api, task, "assign", assigneeId=None), 409)
    api.problem(await act(api, task, "snooze", until=api.at(days=1)), 409)


@pytest.mark.parametrize("outcome", ["", "Two words", "x" * 65, 5])
async def test_an_outcome_is_a_word(api, task, outcome):
    problem = api.problem(await act(api, task, "done", outcome=outcome), 400)
    assert [fault["pointer"] for fault in problem["errors"]] == ["/outcome"]
    assert (await api.get("/api/tasks", state="open"))["items"][0]["taskId"] == task


async def test_a_task_of_a_lead_that_is_not_visible_is_not_there(api, task, monkeypatch):
    monkeypatch.setattr(api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"))
    async with api.signed_in("rep", "other@example.com") as other, api.signed_in("rep") as ben:
        await api.http.put("/api/leads/ada/owner", json={"ownerId": other.person.person_id})
        await api.work()
        for what, body in (
            ("assign", {"assigneeId": None}),
            ("snooze", {"until": api.at(days=1)}),
            ("done", {}),
        ):
            answer = await ben.http.post(f"/api/tasks/{task}/{what}", json=body)
            api.problem(answer, 404)
