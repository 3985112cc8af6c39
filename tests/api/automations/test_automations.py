"""Automation executions and the tasks that they created, over HTTP."""

from __future__ import annotations

import pytest

from workflows.leads.process import process_leads


async def every(api, path, **query):
    """All items of a list, by the `Link` header."""
    items, answer = [], await api.http.get(path, params=query)
    while True:
        assert answer.status_code == 200, answer.text
        items += answer.json()["items"]
        if "next" not in answer.links:
            assert answer.json()["nextCursor"] is None
            return items
        answer = await api.http.get(answer.links["next"]["url"])


async def test_an_execution_shows_its_cause_its_action_and_every_attempt(api, ada):
    found = (await api.get("/api/automations/executions", ruleId="call-qualified-lead"))["items"]
    (execution,) = found
    assert execution | {"executionId": "", "action": {}} == {
        "executionId": "",
        "leadId": "ada",
        "ruleId": "call-qualified-lead",
        "causeRetracted": False,
        "dateBucket": "2026-W47",
        "causePosition": 6,
        "action": {},
        "state": "done",
        "attempts": [{"number": 1, "at": api.at(), "outcome": "done", "detail": "task.created"}],
        "createdAt": api.at(),
        "dueAt": execution["dueAt"],
    }
    assert execution["action"]["type"] == "task"
    assert execution["action"]["title"] == "Call ada: qualified with 65 points"


async def test_an_execution_that_nobody_has_run_yet_is_pending(api):
    await api.store({"leadId": "ada", "type": "demo_request"})
    await process_leads(api.runtime, ["ada"])
    (execution,) = (await api.get("/api/automations/executions"))["items"]
    assert (execution["state"], execution["attempts"], execution["dueAt"]) == ("pending", [], api.at())
    assert (await api.get("/api/tasks"))["items"] == []


async def test_an_attempt_that_fails_is_shown_with_its_reason_and_the_next_one_is_due_later(api, monkeypatch):
    async def broken(*_):
        raise RuntimeError("the telephone is broken")

    monkeypatch.setattr(api.runtime.automations.actions["task"], "perform", broken)
    await api.store({"leadId": "ada", "type": "demo_request"})
    await api.work()
    (execution,) = (await api.get("/api/automations/executions", state="pending"))["items"]
    assert execution["attempts"] == [
        {"number": 1, "at": api.at(), "outcome": "failed", "detail": "RuntimeError: the telephone is broken"}
    ]
    assert execution["dueAt"] > api.at()


async def test_executions_are_found_by_lead_rule_and_state(api, ada):
    await api.store({"leadId": "bob", "type": "demo_request"})
    await api.work()

    async def found(**query):
        items = (await api.get("/api/automations/executions", **query))["items"]
        return sorted((one["leadId"], one["ruleId"]) for one in items)

    assert await found() == [
        ("ada", "answer-demo-request"),
        ("ada", "call-qualified-lead"),
        ("bob", "answer-demo-request"),
    ]
    assert await found(leadId="bob") == [("bob", "answer-demo-request")]
    assert await found(ruleId="call-qualified-lead") == [("ada", "call-qualified-lead")]
    assert await found(leadId="bob", ruleId="call-qualified-lead") == []
    assert len(await found(state="done")) == 3
    assert await found(state="dead") == []


@pytest.fixture
async def week(api):
    """Three leads that ask for a demo on each of four days."""
    for _ in range(4):
        await api.store(*({"leadId": name, "type": "demo_request"} for name in ("ada", "bob", "cy")))
        await api.work()
        api.wait(days=1)


async def test_executions_come_newest_first_without_loss_or_repetition(api, week):
    for limit in (1, 2, 5, 200):
        items = await every(api, "/api/automations/executions", limit=limit)
        assert len(items) == len({one["executionId"] for one in items}) == 12 + 3  # all were qualified once
        days = [one["createdAt"] for one in items]
        assert days == sorted(days, reverse=True)
        assert len(set(days)) == 4


async def test_tasks_come_by_their_due_time_without_loss_or_repetition(api, week):
    for limit in (1, 2, 5, 200):
        items = await every(api, "/api/tasks", limit=limit)
        assert len(items) == len({one["taskId"] for one in items}) == 15
        due = [one["dueAt"] for one in items]
        assert due == sorted(due)


async def test_a_task_says_what_is_to_do_for_whom_and_until_when(api, ada):
    first, second = (await api.get("/api/tasks"))["items"]
    (execution,) = (await api.get("/api/automations/executions", ruleId="answer-demo-request"))["items"]
    assert first == {
        "taskId": execution["executionId"],
        "leadId": "ada",
        "ruleId": "answer-demo-request",
        "title": "Book the demo that ada asked for",
        "priority": "high",
        "state": "open",
        "createdAt": api.at(),
        "dueAt": api.at(hours=2),
        "ownerId": None,
        "assigneeId": None,
        "outcome": None,
        "createdBy": None,
    }
    assert (second["ruleId"], second["dueAt"]) == ("call-qualified-lead", api.at(hours=4))


async def test_a_task_is_done_once_and_for_all(api, ada):
    task, other = (await api.get("/api/tasks"))["items"]
    for _ in range(2):
        answer = await api.http.post(f"/api/tasks/{task['taskId']}/done")
        assert (answer.status_code, answer.json()) == (200, task | {"state": "done"})
    assert (await api.get("/api/tasks", state="done"))["items"] == [task | {"state": "done"}]
    (entry,) = (await api.get("/api/audit", target=task["taskId"]))["items"]
    assert (entry["action"], entry["who"]["keyId"]) == ("task.completed", api.key.key.key_id)
    assert (entry["before"], entry["after"]["state"]) == ({"state": "open"}, "done")
    assert (await api.get("/api/tasks", state="open"))["items"] == [other]
    assert len((await api.get("/api/tasks"))["items"]) == 2


async def test_a_done_task_stays_done_when_its_automation_runs_again(api, ada):
    task, _ = (await api.get("/api/tasks"))["items"]
    await api.http.post(f"/api/tasks/{task['taskId']}/done")
    await api.runtime.automations.executions.restart(task["taskId"], api.clock.at)
    await api.store({"leadId": "ada", "type": "page_view"})
    await api.work()
    (execution,) = (await api.get("/api/automations/executions", ruleId=task["ruleId"]))["items"]
    assert len(execution["attempts"]) == 2
    assert (await api.get("/api/tasks", state="done"))["items"] == [task | {"state": "done"}]


async def test_tasks_are_found_by_lead_and_state(api, ada):
    await api.store({"leadId": "bob", "type": "demo_request"})
    await api.work()
    assert {task["leadId"] for task in (await api.get("/api/tasks", leadId="bob"))["items"]} == {"bob"}
    assert len((await api.get("/api/tasks", leadId="ada", state="open"))["items"]) == 2
    assert (await api.get("/api/tasks", leadId="ada", state="done"))["items"] == []


@pytest.mark.parametrize("task_id", ["nothing", "0" * 32, "x" * 1000, "%00", "%24ne"])
async def test_a_task_that_does_not_exist_cannot_be_done(api, ada, task_id):
    problem = api.problem(await api.http.post(f"/api/tasks/{task_id}/done"), 404)
    assert problem["detail"].startswith("There is no task '")
    assert (await api.get("/api/tasks", state="done"))["items"] == []


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("/api/tasks", "state", "closed"),
        ("/api/tasks", "state", "pending"),
        ("/api/tasks", "state", ""),
        ("/api/tasks", "state", '{"$ne":"done"}'),
        ("/api/tasks", "leadId", "x" * 201),
        ("/api/automations/executions", "state", "open"),
        ("/api/automations/executions", "state", "$exists"),
        ("/api/automations/executions", "ruleId", "x" * 65),
        ("/api/automations/executions", "leadId", "x" * 201),
    ],
)
async def test_a_filter_that_means_nothing_is_refused_by_name(api, path, name, value):
    answer = await api.http.get(path, params={name: value})
    assert [fault["pointer"] for fault in api.problem(answer, 400)["errors"]] == [f"?{name}"]
