"""The indexes that the collections are given, on a database that an earlier version has set up."""

from __future__ import annotations

from engine.store.mongo import create_collections


async def test_indexes_of_earlier_versions_are_dropped(runtime):
    rows = runtime.store.database["scoreHistory"]
    await rows.create_index("eventId", unique=True)
    await rows.create_index([("leadId", 1), ("position", 1)], unique=True)
    await create_collections(runtime.store.database)
    assert set(await rows.index_information()) == {"_id_", "leadId_1__id_1"}
    await create_collections(runtime.store.database)
