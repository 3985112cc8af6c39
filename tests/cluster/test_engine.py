"""The engine itself on a sharded cluster, with one partition: all it stores is on the primary shard, and only there."""

from __future__ import annotations

import asyncio

import pytest

from engine.runtime import open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from tests.conftest import RecordingQueue
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

LEADS = [f"lead-{number}" for number in range(20)]
TYPES = ("page_view", "email_open", "download", "signup")


@pytest.fixture
async def runtime(database, router, services, clock, tmp_path):
    settings = Settings(
        _env_file=None,
        rulebook="classic",
        mongodb_uri=router[0],
        redis_url=services[1],
        mongodb_database=database.name,
        outbox_dir=str(tmp_path),
    )
    async with open_runtime(settings, work_queue=RecordingQueue(), now=clock) as opened:
        await create_schema(opened.store.database)
        yield opened


async def sent(runtime):
    events = ([EventInput(lead_id=lead, type=name) for name in TYPES] for lead in LEADS)
    await asyncio.gather(*(ingest(runtime, some) for some in events))
    return await process_leads(runtime, LEADS)


async def home_of(database):
    return (await database.client["config"]["databases"].find_one({"_id": database.name}))["primary"]


async def test_events_are_taken_in_and_folded_and_a_replay_is_equal(runtime, cluster, router):
    assert await sent(runtime) == len(LEADS) * len(TYPES)
    report = await replay(runtime, "verify")
    assert (report.leads, report.drifted, report.failed) == (len(LEADS), [], {})
    home = await home_of(runtime.store.database)
    for name, shard in cluster.shards.items():
        async with shard.client() as client:
            stored = await client[runtime.store.database.name]["events"].count_documents({})
            assert stored == (len(LEADS) * len(TYPES) if name == home else 0)
    if router[1]:
        assert router[1].transactions[home] > 0


async def test_it_goes_on_while_a_shard_that_holds_nothing_of_it_is_dead(runtime, cluster):
    await sent(runtime)
    home = await home_of(runtime.store.database)
    other = next(shard for name, shard in cluster.shards.items() if name != home)
    await other.kill()
    assert await sent(runtime) == len(LEADS) * len(TYPES)
    assert (await replay(runtime, "verify")).drifted == []
