"""Collections and indexes are created from what stores declare, on a new database and on one of an earlier release."""

from __future__ import annotations

from engine.schema import COLLECTIONS, create_schema


async def test_every_declared_collection_has_its_indexes_and_no_other(runtime):
    database = runtime.store.database
    await database.client.drop_database(database)
    await create_schema(database)
    assert set(await database.list_collection_names()) == {spec.name for spec in COLLECTIONS}
    for spec in COLLECTIONS:
        declared = {index.document["name"] for index in spec.indexes}
        assert set(await spec.of(database).index_information()) == {"_id_", *declared}, spec.name


async def test_indexes_of_earlier_releases_are_dropped(runtime):
    rows = runtime.store.database["scoreHistory"]
    await rows.create_index("eventId", unique=True)
    await rows.create_index([("leadId", 1), ("position", 1)], unique=True)
    await create_schema(runtime.store.database)
    assert set(await rows.index_information()) == {"_id_", "leadId_1_at_1__id_1"}
    await create_schema(runtime.store.database)


def test_no_two_stores_declare_the_same_collection():
    names = [spec.name for spec in COLLECTIONS]
    assert len(names) == len(set(names))
