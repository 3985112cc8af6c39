"""The number of partitions is chosen when a store is made, and every process that comes with another one is refused."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import ValidationError

from domain.errors import Invalid
from engine.runtime import open_runtime
from engine.schema import COLLECTIONS, create_schema
from engine.settings import Settings
from engine.store.collection import Distribution
from engine.store.partitions import settle_partitions, stored_partitions
from tests.conftest import RecordingQueue
from tests.workflows.partitioned import settings_of
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest

REFUSED = r"LOG_PARTITIONS is {wanted}, and the store in .* was made with {stored}: set it to {stored}"


@pytest.fixture
async def database(runtime):
    """One that does not exist yet."""
    return runtime.store.client[f"{runtime.store.database.name}-new"]


@pytest.mark.parametrize("partitions", [1, 16, 256])
async def test_the_first_that_opens_a_store_chooses(database, partitions):
    assert await stored_partitions(database) is None
    assert await settle_partitions(database, partitions) == partitions
    assert await stored_partitions(database) == partitions
    assert await settle_partitions(database, partitions) == partitions
    with pytest.raises(Invalid, match=REFUSED.format(wanted=64, stored=partitions)):
        await settle_partitions(database, 64)
    assert await stored_partitions(database) == partitions


async def test_of_several_that_open_it_at_once_with_different_numbers_one_chooses(database):
    wanted = [2, 4, 8, 16]
    results = await asyncio.gather(
        *(settle_partitions(database, one) for one in wanted), return_exceptions=True
    )
    chosen = [one for one in results if isinstance(one, int)]
    assert chosen == [await stored_partitions(database)]
    assert all(isinstance(one, int | Invalid) for one in results)


async def test_a_store_of_an_earlier_release_has_one(runtime, settings):
    """Which has its indexes and no property."""
    await runtime.store.database["storeProperties"].delete_many({})
    assert await stored_partitions(runtime.store.database) == 1
    with pytest.raises(Invalid, match=REFUSED.format(wanted=2, stored=1)):
        await settle_partitions(runtime.store.database, 2)


async def test_a_store_with_events_and_neither_index_nor_property_has_one(database):
    await database["events"].insert_one({"_id": 1})
    assert await stored_partitions(database) == 1


async def test_a_runtime_appends_to_as_many_partitions_as_the_store_was_made_with(settings):
    of_two = settings_of(settings, 2)
    async with open_runtime(of_two, work_queue=RecordingQueue()) as runtime:
        database = runtime.store.database
        await create_schema(database)
        assert (runtime.capture.log.partitions, runtime.capture.writer.partitions) == (2, 2)
        leads = [f"lead-{number}" for number in range(20)]
        await ingest(runtime, [EventInput(lead_id=one, type="page_view") for one in leads])
        assert await database["events"].distinct("p") == [0, 1]
    with pytest.raises(Invalid, match=REFUSED.format(wanted=1, stored=2)):
        async with open_runtime(of_two.model_copy(update={"log_partitions": 1})):
            pass


async def test_its_collections_by_lead_have_their_unique_indexes_within_a_partition(settings):
    async with open_runtime(settings_of(settings, 2), work_queue=RecordingQueue()) as runtime:
        database = runtime.store.database
        await create_schema(database)
        await create_schema(database)
        unique = set()
        for spec in COLLECTIONS:
            for index in (await spec.of(database).index_information()).values():
                if spec.distribution is Distribution.BY_LEAD and index.get("unique"):
                    assert index["key"][0] == ("p", 1), spec.name
                    unique.add(spec.name)
        assert "events" in unique
        assert set(await database.list_collection_names()) == {spec.name for spec in COLLECTIONS}


@pytest.mark.parametrize("wrong", [0, -1, 3, 257, 512])
def test_a_setting_that_is_no_number_of_partitions_is_refused(wrong):
    with pytest.raises(ValidationError, match=r"A log has 1, 2, 4 \.\.\. 256 partitions"):
        Settings(_env_file=None, log_partitions=wrong)
