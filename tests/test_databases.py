"""A test finds nothing of what the test before it has left on the same database."""

from __future__ import annotations

import pytest
from redis.asyncio import Redis

from engine.queue.broker import LEADS, connect_broker
from engine.queue.work_queue import WorkQueue
from engine.schema import create_schema
from engine.settings import Settings
from engine.store.mongo import connect
from tests.databases import Databases


@pytest.fixture
async def own(services):
    """Databases that no other test borrows."""
    opened = Databases(*services)
    yield opened
    await opened.close()


@pytest.fixture
async def client(services):
    async with connect(services[0]) as opened:
        yield opened


async def test_documents_are_gone_and_the_collections_are_kept(own, client):
    async with own.borrowed() as name:
        await create_schema(client[name])
        await client[name]["leads"].insert_one({"_id": "ada"})
    async with own.borrowed() as again:
        assert again == name
        assert await client[name]["leads"].count_documents({}) == 0
        assert "leads" in await client[name].list_collection_names()


@pytest.mark.parametrize("spoil", ["a further collection", "an index less"])
async def test_a_database_with_other_collections_or_indexes_is_dropped(own, client, spoil):
    async with own.borrowed() as name:
        await create_schema(client[name])
        if spoil == "a further collection":
            await client[name]["other"].insert_one({})
        else:
            await client[name]["leads"].drop_indexes()
    assert name not in await client.list_database_names()


async def test_a_second_database_that_is_named_after_the_first_is_dropped(own, client):
    async with own.borrowed() as name:
        await client[f"{name}-2"]["leads"].insert_one({})
    assert f"{name}-2" not in await client.list_database_names()


async def test_messages_are_gone_and_those_of_other_databases_are_kept(own, services):
    uri, url = services
    async with Redis.from_url(url) as redis, own.borrowed() as other:
        await redis.set(f"lead-engine:{other}:kept", 1)
        async with own.borrowed() as name:
            settings = Settings(_env_file=None, mongodb_uri=uri, redis_url=url, mongodb_database=name)
            broker = connect_broker(settings)
            await WorkQueue(broker, leads_at_a_time=50).enqueue_leads(["ada"])
            assert broker.do_qsize(LEADS) == 1, "the control: there is something to clear"
        assert broker.do_qsize(LEADS) == 0
        broker.close()
        assert await redis.exists(f"lead-engine:{other}:kept")
