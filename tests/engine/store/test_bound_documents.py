"""Beanie documents belong to the runtime that bound them: two databases in one process share nothing."""

from __future__ import annotations

import contextlib

import pytest

from domain.errors import NotFound, Unavailable
from engine.automations.task_document import Task
from engine.automations.task_store import TaskView
from engine.runtime import open_runtime
from engine.schema import DOCUMENTS
from engine.store.bound_documents import bind_documents
from engine.store.mongo import connect, database_of


def task(title):
    return TaskView(
        task_id="t1",
        lead_id="ada",
        rule_id="call",
        title=title,
        priority="high",
        state="open",
        created_at=1,
        due_at=2,
    )


@pytest.fixture
async def other(runtime, settings):
    """A second runtime of this process, opened after the first, on a database of its own."""
    elsewhere = settings.model_copy(update={"mongodb_database": f"{settings.mongodb_database}-2"})
    async with open_runtime(elsewhere, work_queue=runtime.work_queue) as opened:
        yield opened
        await opened.store.client.drop_database(elsewhere.mongodb_database)


async def titles(runtime):
    page = await runtime.automations.tasks.page(state=None, lead_id=None, after=None, limit=10)
    return [one.title for one in page]


async def test_two_runtimes_in_one_process_write_and_read_their_own_database(runtime, other):
    await runtime.automations.tasks.create(task("in the first"))
    await other.automations.tasks.create(task("in the second"))
    assert (await titles(runtime), await titles(other)) == (["in the first"], ["in the second"])

    endpoint = await runtime.webhooks.endpoints.add("https://hooks.example.com", "", [], 0)
    with pytest.raises(NotFound):
        await other.webhooks.endpoints.get(endpoint.endpoint_id)

    await other.rulebooks.library.publish(other.rulebook.document)
    assert await runtime.store.database["rulebooks"].count_documents({}) == 0


async def test_a_runtime_works_on_after_another_of_the_process_has_closed(runtime, settings):
    elsewhere = settings.model_copy(update={"mongodb_database": f"{settings.mongodb_database}-3"})
    async with open_runtime(elsewhere, work_queue=runtime.work_queue):
        pass
    await runtime.automations.tasks.create(task("still here"))
    assert await titles(runtime) == ["still here"]


async def test_a_bound_document_has_the_name_and_collection_of_the_declared_one(runtime):
    documents = await bind_documents(runtime.store.database, DOCUMENTS)
    bound = documents.of(Task)
    assert bound is not Task
    assert (bound.__name__, bound.get_collection_name()) == ("Task", "tasks")
    assert bound.get_pymongo_collection().database.name == runtime.store.database.name


async def test_a_document_that_was_not_bound_is_an_error_at_once(runtime):
    documents = await bind_documents(runtime.store.database, [])
    with pytest.raises(KeyError):
        documents.of(Task)


async def test_a_mongodb_that_does_not_answer_is_named():
    client = connect("mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=50")
    async with contextlib.aclosing(client) as closing:
        with pytest.raises(Unavailable, match="MONGODB_URI"):
            await bind_documents(database_of(closing, "nowhere"), DOCUMENTS)
