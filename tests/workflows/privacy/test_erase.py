"""The key goes first and for good; what webhook endpoints have answered follows, however much it is."""

from __future__ import annotations

import contextlib

import pytest
from pymongo.errors import PyMongoError

from engine.operations.audit_log import ENGINE
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.privacy.erase import erase_personal_data

ADA = {"leadId": "ada", "type": "signup", "properties": {"email": "ada@example.com"}}
ANSWERED = {"$gt": ""}


@pytest.fixture(autouse=True)
async def deliveries(runtime, monkeypatch):
    """Five deliveries about ada and one about bob with answers, of which two are emptied at a time."""
    monkeypatch.setattr("engine.webhooks.delivery_store._BLANKED_AT_A_TIME", 2)
    collection = runtime.store.database["webhookDeliveries"]
    attempts = [{"answer": "hello ada@example.com"}, {"answer": ""}, {"answer": "hello again"}, {}]
    await collection.insert_many(
        {"_id": f"d{number}", "leadId": lead, "attempts": attempts, "endpointId": "e"}
        for number, lead in enumerate(["ada"] * 5 + ["bob"])
    )
    await ingest(runtime, [check_event(ADA)])
    return collection


@contextlib.asynccontextmanager
async def failing(runtime, *, after):
    """MongoDB takes so many updates of deliveries and fails the next ones."""
    namespace = f"{runtime.store.database.name}.webhookDeliveries"
    fail = {"failCommands": ["update"], "errorCode": 8, "namespace": namespace}
    admin = runtime.store.client.admin
    await admin.command("configureFailPoint", "failCommand", mode={"skip": after}, data=fail)
    try:
        yield
    finally:
        await admin.command("configureFailPoint", "failCommand", mode="off")


async def answered(deliveries, lead="ada"):
    return await deliveries.count_documents({"leadId": lead, "attempts.answer": ANSWERED})


async def test_the_answers_about_the_lead_are_emptied_and_no_others(runtime, deliveries):
    erasure = await erase_personal_data(runtime, ENGINE, "ada")
    assert (erasure.keys, erasure.webhook_answers) == (1, 5)
    assert (await answered(deliveries), await answered(deliveries, "bob")) == (0, 1)
    assert (await deliveries.find_one({"_id": "d0"}))["attempts"] == [*[{"answer": ""}] * 3, {}]


async def test_the_key_is_gone_though_the_answers_cannot_be_emptied_and_the_next_call_goes_on(
    runtime, deliveries
):
    async with failing(runtime, after=1):
        with pytest.raises(PyMongoError):
            await erase_personal_data(runtime, ENGINE, "ada")
    assert await runtime.privacy.keys.find("ada") is None
    assert await answered(deliveries) == 3
    again = await erase_personal_data(runtime, ENGINE, "ada")
    assert (again.keys, again.webhook_answers, await answered(deliveries)) == (0, 3, 0)


async def test_whatever_was_erased_is_in_the_audit_log_and_nothing_else(runtime):
    for _ in range(4):
        await erase_personal_data(runtime, ENGINE, "ada")
    (entry,) = await runtime.operations.audit.page("ada", None, 10)
    assert entry.action.before["webhookAnswers"] is True


async def test_answers_alone_are_an_erasure_too(runtime, deliveries):
    await erase_personal_data(runtime, ENGINE, "ada")
    await deliveries.update_one({"_id": "d1"}, {"$set": {"attempts.0.answer": "late"}})
    assert (await erase_personal_data(runtime, ENGINE, "ada")).webhook_answers == 1
    assert len(await runtime.operations.audit.page("ada", None, 10)) == 2
