"""The queue and the tasks of one rep beside thousands of leads of others: what is read is bounded by what is shown."""

from __future__ import annotations

import pytest

from domain.instant import HOUR
from engine.automations.task_document import TASKS
from engine.leads.lead_document import LEADS, WAITING_BY_OWNER
from engine.process.clock import to_bson

OTHERS = 3000
MINE = 30
MAX_KEYS = 8 * MINE
"""Keys, and documents, that one query may examine: a rep has tasks that are due, closed leads, and rows that are read ahead."""


@pytest.fixture
async def ben(api):
    """A rep with 30 leads, each with a task that is due after those of all others, and some of them waiting."""
    await api.store({"leadId": "ada", "type": "demo_request"})
    await api.work()
    database = api.runtime.store.database
    (lead,), (task,) = [await database[name].find().to_list() for name in ("leads", "tasks")]
    async with api.signed_in("rep") as ben:
        numbers = range(OTHERS + MINE)
        owners = [ben.person.person_id if one >= OTHERS else f"person_{one % 20}" for one in numbers]
        waits = [{"waitingSince": to_bson(api.clock.at - one)} if one % 3 == 0 else {} for one in numbers]
        due = to_bson(api.clock.at + HOUR)
        await database["leads"].insert_many(
            [{**lead, "_id": f"lead-{one}", "ownerId": owners[one], **waits[one]} for one in numbers]
        )
        await database["tasks"].insert_many(
            [
                {
                    **task,
                    "_id": f"task-{one:05}",
                    "leadId": f"lead-{one}",
                    "ownerId": owners[one],
                    "dueAt": due,
                }
                for one in numbers
            ]
        )
        yield ben


async def examined(api, ben, path, **query):
    """The answer to the person, and the most keys or documents that one query for it has examined; sorting in memory counts as all."""
    database = api.runtime.store.database
    await database.command({"profile": 2})
    try:
        answer = await ben.http.get(path, params=query)
    finally:
        await database.command({"profile": 0})
        queries = {"ns": {"$regex": r"\.(leads|tasks)$"}, "op": "query"}
        entries = await database["system.profile"].find(queries).to_list()
        await database["system.profile"].drop()
    assert answer.status_code == 200, answer.text
    assert entries
    most = max(max(one["keysExamined"], one["docsExamined"]) for one in entries)
    return answer.json(), OTHERS if any(one.get("hasSortStage") for one in entries) else most


async def test_the_queue_of_a_rep_reads_the_own_tasks_and_leads_alone(api, ben):
    found, most = await examined(api, ben, "/api/queue", owner="me", limit=50)
    kinds = [one["because"]["kind"] for one in found["items"]]
    assert kinds == ["reply"] * (MINE // 3) + ["task"] * (2 * MINE // 3)
    assert not found["moreTasks"]
    assert most <= MAX_KEYS


@pytest.mark.parametrize("query", [{}, {"state": "open"}])
async def test_the_tasks_of_leads_that_a_rep_sees_are_found_without_those_of_others(
    api, ben, monkeypatch, query
):
    monkeypatch.setattr(
        api.framework.state, "runtime", api.runtime.with_settings(lead_visibility="own"), raising=False
    )
    found, most = await examined(api, ben, "/api/tasks", limit=MINE, **query)
    assert len(found["items"]) == MINE
    assert most <= MAX_KEYS


@pytest.mark.parametrize(
    ("spec", "keys"),
    [(TASKS, [("ownerId", 1), ("state", 1), ("dueAt", 1), ("_id", 1)]), (LEADS, WAITING_BY_OWNER)],
    ids=["tasks", "waiting leads"],
)
async def test_control_without_its_index_the_queue_reads_what_others_have(api, ben, monkeypatch, spec, keys):
    collection = spec.of(api.runtime.store.database)
    index = next(one for one in spec.indexes if list(one.document["key"].items()) == keys)
    monkeypatch.setattr(
        "engine.leads.lead_lists.WAITING_BY_OWNER", [("waitingSince", 1), ("_id", 1), ("ownerId", 1)]
    )
    await collection.drop_index(keys)
    try:
        _, most = await examined(api, ben, "/api/queue", owner="me", limit=50)
    finally:
        await collection.create_indexes([index])
    assert most > 2 * MAX_KEYS
