"""Tasks have the owner of their lead, whatever changes it, so that the queue and the tasks of a person are found by it."""

from __future__ import annotations

import asyncio

import pytest

from engine.automations.task_owners import OwnersOnTasks, TaskOwners
from engine.operations.audit_log import ENGINE
from engine.store.migrations import migrate
from workflows.identity.merge import merge, unmerge
from workflows.leads.rebuild import rebuild_lead


@pytest.fixture
async def owned(api):
    """Ada and Bob, each with a task of an automation and an owner."""
    for lead, owner in (("ada", "person_a"), ("bob", "person_b")):
        await api.store({"leadId": lead, "type": "demo_request"})
        await api.work()
        await give(api, lead, owner)
    assert await stored(api) == {"ada": "person_a", "bob": "person_b"}


async def give(api, lead, owner):
    properties = {"ownerId": owner, "by": "tests", "why": "", "rule": "by-hand"}
    await api.store({"leadId": lead, "type": "lead.assigned", "properties": properties})
    await api.work()


async def stored(api):
    """The owner on the tasks of each lead."""
    tasks = await api.runtime.store.database["tasks"].find().to_list()
    return {task["leadId"]: task.get("ownerId") for task in tasks}


async def create(api, lead):
    body = {"leadId": lead, "title": "Call", "dueAt": api.at(hours=1)}
    answer = await api.http.post("/api/tasks", json=body)
    assert answer.status_code == 201, answer.text


async def test_tasks_follow_their_lead_from_owner_to_owner_and_to_nobody(api, owned):
    await give(api, "ada", "person_c")
    assert await stored(api) == {"ada": "person_c", "bob": "person_b"}
    await give(api, "ada", None)
    assert await stored(api) == {"ada": None, "bob": "person_b"}


async def test_a_task_is_created_with_the_owner_that_the_lead_has(api, owned):
    await api.runtime.store.database["tasks"].delete_many({})
    await create(api, "ada")
    assert await stored(api) == {"ada": "person_a"}


async def test_a_task_of_a_lead_that_is_not_folded_yet_gets_the_owner_with_the_first_fold(api):
    properties = {"ownerId": "person_a", "by": "tests", "why": "", "rule": "by-hand"}
    await api.store({"leadId": "ada", "type": "lead.assigned", "properties": properties})
    await create(api, "ada")
    assert await stored(api) == {"ada": None}
    await api.work()
    assert await stored(api) == {"ada": "person_a"}


async def test_after_a_merge_the_tasks_of_both_are_of_one_owner_and_after_its_undoing_of_their_own(
    api, owned
):
    await merge(api.runtime, ENGINE, "bob", "ada", "the same person")
    assert await stored(api) == {"ada": "person_b", "bob": "person_b"}
    await give(api, "ada", "person_c")
    assert await stored(api) == {"ada": "person_c", "bob": "person_c"}
    await unmerge(api.runtime, ENGINE, "bob", "two persons")
    assert await stored(api) == {"ada": "person_c", "bob": "person_b"}


async def test_a_retracted_assignment_takes_the_tasks_back(api, owned):
    await give(api, "ada", "person_c")
    events = (await api.get("/api/leads/ada/events"))["items"]
    body = {"eventId": events[0]["eventId"], "why": "a mistake"}
    assert (await api.http.post("/api/leads/ada/retractions", json=body)).is_success
    await api.work()
    assert await stored(api) == {"ada": "person_a", "bob": "person_b"}


async def test_a_lead_that_lost_its_state_has_its_tasks_owned_again(api, owned):
    database = api.runtime.store.database
    await database["tasks"].update_many({}, {"$unset": {"ownerId": ""}})
    await rebuild_lead(api.runtime, "ada")
    assert await stored(api) == {"ada": None, "bob": None}, "the control: an unchanged lead costs no write"
    await database["leads"].update_one({"_id": "ada"}, {"$set": {"foldedUnder": "", "state": ""}})
    await rebuild_lead(api.runtime, "ada")
    assert await stored(api) == {"ada": "person_a", "bob": None}


async def test_tasks_of_earlier_releases_get_the_owners_of_their_leads_once(api, owned, monkeypatch):
    monkeypatch.setattr("engine.automations.task_owners._PAGE", 1)
    database = api.runtime.store.database
    await database["tasks"].update_many({}, {"$unset": {"ownerId": ""}})
    await merge(api.runtime, ENGINE, "bob", "ada", "the same person")
    await database["tasks"].update_one({"leadId": "ada"}, {"$unset": {"ownerId": ""}})
    await database["migrations"].delete_many({})

    await migrate(database, [OwnersOnTasks()])
    assert await stored(api) == {"ada": "person_b", "bob": "person_b"}
    await database["tasks"].update_many({}, {"$unset": {"ownerId": ""}})
    await migrate(database, [OwnersOnTasks()])
    assert await stored(api) == {"ada": None, "bob": None}, "a migration that is complete is not run again"


@pytest.mark.parametrize("settles", [True, False], ids=["settled", "control"])
async def test_a_task_that_is_created_while_its_lead_changes_hands_is_the_new_owners(
    api, owned, monkeypatch, settles
):
    """The transaction that assigns the lead has changed the tasks already when the new one is stored."""
    written, created = asyncio.Event(), asyncio.Event()
    write = TaskOwners.write

    async def write_and_wait(self, owners, session=None):
        await write(self, owners, session)
        if session is not None and not written.is_set():
            written.set()
            await created.wait()

    async def not_at_all(self, streams):
        """Compare nothing."""

    monkeypatch.setattr(TaskOwners, "write", write_and_wait)
    if not settles:
        monkeypatch.setattr(TaskOwners, "settle", not_at_all)
    assigning = asyncio.create_task(give(api, "ada", "person_c"))
    async with asyncio.timeout(60):
        await written.wait()
    try:
        await create(api, "ada")
    finally:
        created.set()
    await assigning
    owners = {
        task.get("ownerId") async for task in api.runtime.store.database["tasks"].find({"leadId": "ada"})
    }
    assert owners == ({"person_c"} if settles else {"person_a", "person_c"})
