"""Executions and deliveries of the release before are worked on where they were, by a migration that may be stopped."""

from __future__ import annotations

import pytest
from pymongo.errors import AutoReconnect

from domain.errors import Unavailable
from domain.instant import SECOND
from engine.process.clock import to_bson
from engine.schema import DATA_MIGRATIONS, create_schema
from engine.store import migrations as module
from engine.store.migrations import migrate
from workflows.work.kinds import work_kinds

DONE = {"outcome": "done", "detail": "task.created"}
FAILED = {"outcome": "failed", "detail": "OSError: the line is busy"}
STARTED = {"outcome": "started", "detail": ""}
SENT = {"outcome": "delivered", "statusCode": 200, "durationMs": 5, "detail": "", "answer": "ok"}
REFUSED = {"outcome": "failed", "statusCode": 500, "durationMs": 5, "detail": "500", "answer": "no"}


def execution(name, state, *attempts, due=0):
    """An execution as releases before 0.2 stored it."""

    def document(at):
        return {
            "_id": name,
            "leadId": name,
            "ruleId": "rule",
            "dateBucket": "2026-11-22",
            "causePosition": 1,
            "action": {"type": "tag", "tag": "hot"},
            "facts": {"score": 1.0},
            "state": state,
            "attempts": [{"at": to_bson(at), **one} for one in attempts],
            "createdAt": to_bson(at),
            "dueAt": to_bson(at + due),
        }

    return document


def delivery(name, state, *attempts, due=0, leased=False):
    """A delivery as releases before 0.2 stored it."""

    def document(at):
        lease = {"leasedUntil": to_bson(at + due)} if leased else {}
        return {
            "_id": name,
            "endpointId": "ep",
            "event": "lead.hot",
            "leadId": "ada",
            "executionId": "e",
            "body": b"{}",
            "state": state,
            "tries": len(attempts),
            "attempts": [{"at": to_bson(at), **one} for one in attempts],
            "createdAt": to_bson(at),
            "dueAt": to_bson(at + due),
            **lease,
        }

    return document


EXECUTIONS = (
    execution("new", "pending"),
    execution("failed", "pending", FAILED, due=SECOND),
    execution("running", "running", FAILED, STARTED, due=60 * SECOND),
    execution("done", "done", STARTED, DONE),
    execution("dead", "dead", FAILED, FAILED),
)
DELIVERIES = (
    delivery("new", "pending"),
    delivery("under-way", "pending", {}, due=60 * SECOND, leased=True),
    delivery("failed", "failed", REFUSED, due=5 * SECOND),
    delivery("delivered", "delivered", REFUSED, SENT),
    delivery("dead", "dead", SENT, REFUSED),
)


@pytest.fixture
async def older(runtime, clock):
    """A database in which the release before has left its work."""
    database = runtime.store.database
    await database["migrations"].delete_many({})
    await database["automationExecutions"].insert_many([one(clock.at) for one in EXECUTIONS])
    await database["webhookDeliveries"].insert_many([one(clock.at) for one in DELIVERIES])
    return database


async def executions(runtime):
    found = await runtime.automations.executions.page(
        lead_id=None, rule_id=None, state=None, after=None, limit=100
    )
    return {one.unit_id: one for one in found}


async def deliveries(runtime):
    found = await runtime.webhooks.deliveries.page("ep", state=None, after=None, limit=100)
    return {one.unit_id: one for one in found}


async def test_what_the_api_says_of_old_work_is_what_it_said_before(runtime, clock, older):
    await create_schema(older)
    found = await executions(runtime)
    assert {name: one.execution_state for name, one in found.items()} == {
        "new": "pending",
        "failed": "pending",
        "running": "running",
        "done": "done",
        "dead": "dead",
    }
    assert [one.outcome for one in found["running"].attempts] == ["failed", None]
    assert found["failed"].attempts[0].detail == "OSError: the line is busy"
    assert found["running"].due_at == clock.at + 60 * SECOND
    sent = await deliveries(runtime)
    assert {name: one.delivery_state for name, one in sent.items()} == {
        "new": "pending",
        "under-way": "pending",
        "failed": "failed",
        "delivered": "delivered",
        "dead": "dead",
    }
    assert [(one.outcome, one.status_code, one.answer) for one in sent["delivered"].attempts] == [
        ("failed", 500, "no"),
        ("done", 200, "ok"),
    ]


async def test_old_work_goes_on_where_it_was(runtime, clock, older):
    await create_schema(older)
    automation, webhook, *_ = work_kinds(runtime)

    async def due(kind, seconds):
        found = await kind.store.soonest(clock.at + seconds * SECOND, 100)
        return {one.unit_id for one in found}

    assert [await due(automation, at) for at in (0, 1, 60)] == [
        {"new"},
        {"new", "failed"},
        {"new", "failed", "running"},
    ]
    assert [await due(webhook, at) for at in (0, 5, 60)] == [
        {"new"},
        {"new", "failed"},
        {"new", "failed", "under-way"},
    ]
    (claimed,) = await automation.store.claim(["failed"], clock.at + SECOND, 60 * SECOND)
    assert (claimed.tries, len(claimed.attempts)) == (2, 2)
    clock.at += 60 * SECOND
    (claimed,) = await automation.store.claim(["running"], clock.at, 60 * SECOND)
    assert [one.outcome for one in claimed.attempts] == ["failed", None, None]


async def test_a_migration_that_is_stopped_goes_on_and_changes_nothing_twice(runtime, older, monkeypatch):
    monkeypatch.setattr(module, "_BATCH", 2)
    whole = module._next_outdated
    calls = 0

    async def stop_after_two(*given):
        nonlocal calls
        calls += 1
        if calls > 2:
            raise AutoReconnect("the primary is gone")
        return await whole(*given)

    with monkeypatch.context() as stopping:
        stopping.setattr(module, "_next_outdated", stop_after_two)
        with pytest.raises(Unavailable):
            await migrate(older, DATA_MIGRATIONS)
    migrated = await older["automationExecutions"].count_documents({"unitFormat": 1})
    assert migrated == 4, "the control: it was stopped halfway"
    await migrate(older, DATA_MIGRATIONS)
    first = await older["automationExecutions"].find().sort("_id").to_list()
    assert all(one["unitFormat"] == 1 for one in first)
    await older["migrations"].delete_many({})
    await migrate(older, DATA_MIGRATIONS)
    assert await older["automationExecutions"].find().sort("_id").to_list() == first


async def test_a_complete_migration_is_not_run_again(runtime, older):
    await create_schema(older)
    late = execution("late", "pending")(0)
    await older["automationExecutions"].insert_one(late)
    await create_schema(older)
    assert await older["automationExecutions"].find_one({"_id": "late"}) == late


async def test_units_of_this_release_are_left_alone(runtime, send, apply, older):
    await older["automationExecutions"].delete_many({})
    await send("ada", "demo_request")
    await apply("ada")
    before = await older["automationExecutions"].find().to_list()
    assert before
    await migrate(older, DATA_MIGRATIONS)
    assert await older["automationExecutions"].find().to_list() == before
