"""Collections and indexes are created from what stores declare, on a new database and on one of an earlier release."""

from __future__ import annotations

from dataclasses import replace

from pymongo import ASCENDING, IndexModel

from engine.schema import COLLECTIONS, create_schema
from engine.store.collection import CollectionSpec, Distribution


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


OF_NO_SINGLE_LEAD = {
    "identities": "the hash of an identifier, which is looked up before its lead is known",
    "possibleDuplicates": "of two leads",
}
"""Collections that name leads and yet are not spread with them."""


def apart_from_their_lead(specs):
    """Collections that are searched by lead, or hold a person, and are not spread with the lead."""
    return {
        spec.name
        for spec in specs
        if any(next(iter(index.document["key"])) == "leadId" for index in spec.indexes)
        and spec.distribution is not Distribution.BY_LEAD
    }


def test_what_is_searched_by_lead_is_where_the_lead_is():
    assert apart_from_their_lead(COLLECTIONS) == set(OF_NO_SINGLE_LEAD)
    events = next(spec for spec in COLLECTIONS if spec.name == "events")
    assert apart_from_their_lead([replace(events, distribution=Distribution.BY_ID)]) == {"events"}


def not_unique_in_a_cluster(specs, partitions):
    """Unique indexes that do not begin with the shard key: MongoDB refuses them on a sharded collection."""
    key = {Distribution.BY_LEAD: "p", Distribution.BY_ID: "_id"}
    return {
        spec.name
        for spec in specs
        if spec.distribution in key
        for index in spec.indexes_in(partitions)
        if index.document.get("unique") and next(iter(index.document["key"])) != key[spec.distribution]
    }


def test_every_unique_index_of_a_sharded_collection_begins_with_its_key():
    assert not_unique_in_a_cluster(COLLECTIONS, 256) == set()
    assert not_unique_in_a_cluster(COLLECTIONS, 1) == {"events", "automationExecutions", "enrolments"}


def test_an_index_in_a_partition_keeps_its_options_and_a_name_that_was_given():
    conditions = {"active": True}
    spec = CollectionSpec(
        "ones",
        Distribution.BY_LEAD,
        (
            IndexModel([("leadId", ASCENDING)], unique=True, partialFilterExpression=conditions),
            IndexModel([("leadId", ASCENDING)], name="one", unique=True),
            IndexModel([("at", ASCENDING)]),
        ),
    )
    assert [index.document["name"] for index in spec.indexes_in(1)] == ["leadId_1", "one", "at_1"]
    first, second, third = (index.document for index in spec.indexes_in(2))
    assert first == {
        "name": "p_1_leadId_1",
        "key": {"p": 1, "leadId": 1},
        "unique": True,
        "partialFilterExpression": conditions,
    }
    assert (second["name"], list(second["key"])) == ("one", ["p", "leadId"])
    assert (third["name"], list(third["key"])) == ("at_1", ["at"])
