"""The set-up of a sharded cluster, and the move of a partition: a plan's steps, run through a router."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pymongo.errors import OperationFailure, PyMongoError

from domain.errors import Conflict, Invalid, Unavailable
from engine.store.collection import PARTITION, CollectionSpec, Distribution, create_collections
from engine.store.mongo import Database, Document
from engine.store.partitions import settle_partitions
from engine.store.sharding.check import conflicts, layout_after, layout_of, zones_by_lead
from engine.store.sharding.cluster import ClusterState, read_cluster
from engine.store.sharding.layout import Layout, even_layout
from engine.store.sharding.plan import SHARD_KEYS, Step, move_steps, set_up_steps

__all__ = ["OnStep", "move_partition", "set_up"]

OnStep = Callable[[Step], None]
"""Called with each step before it runs."""


async def set_up(
    database: Database,
    specs: Sequence[CollectionSpec],
    *,
    partitions: int,
    shards: Sequence[str] = (),
    chunk_mib: int,
    on_step: OnStep,
) -> Layout:
    """Shard all collections over the shards, all of the cluster's if none are named. May be repeated.

    A cluster that has zones keeps them, and collections that are new get the same. Returns the layout.

    Raises `Invalid` for a shard or a number of partitions that the cluster or the store has not, `Conflict` for collections that
    are sharded otherwise or hold documents without a partition, `Unavailable` when the cluster does not answer.
    """
    state = await read_cluster(database)
    if found := conflicts(state, specs):
        raise Conflict("Nothing was changed. " + "; ".join(found) + ".")
    layout = _layout(state, specs, partitions, shards)
    if unknown := sorted(set(layout) - set(state.shards)):
        raise Invalid(
            f"shard: {unknown[0]} is no shard of this cluster, which has {', '.join(state.shards)}."
        )
    try:
        await _refuse_without_partition(database, specs)
        await settle_partitions(database, partitions, given_as="--partitions")
        await create_collections(database, specs, partitions=partitions)
        for spec in specs:
            if key := SHARD_KEYS.get(spec.distribution):
                await _support(database, spec, key)
    except PyMongoError as error:
        raise Unavailable(f"The cluster cannot be set up: {error}") from error
    await _run(database, set_up_steps(database.name, specs, layout, chunk_mib=chunk_mib), on_step)
    return layout


async def move_partition(
    database: Database,
    specs: Sequence[CollectionSpec],
    *,
    partitions: int,
    partition: int,
    to: str,
    on_step: OnStep,
) -> None:
    """Move one partition of every collection by lead to another shard. May be repeated after an interruption.

    Raises `Invalid` for a partition or shard that there is not, `Conflict` when MongoDB refuses a step, `Unavailable`
    when the cluster does not answer.
    """
    if not 0 <= partition < partitions:
        raise Invalid(f"partition: a number from 0 to {partitions - 1}.")
    state = await read_cluster(database)
    if to not in state.shards:
        raise Invalid(f"to: {to} is no shard of this cluster, which has {', '.join(state.shards)}.")
    after = layout_after(state, specs, partitions, (partition, to))
    zones = zones_by_lead(state, specs, partitions)
    await _run(database, move_steps(database.name, zones, after, (partition, to)), on_step)


def _layout(
    state: ClusterState, specs: Iterable[CollectionSpec], partitions: int, shards: Sequence[str]
) -> Layout:
    if not any(found.zones for found in state.collections.values()):
        return even_layout(partitions, shards or state.shards)
    layout = layout_of(state, specs, partitions)
    if shards and set(shards) != set(layout):
        raise Invalid(
            f"shard: this cluster is spread over {', '.join(sorted(set(layout)))}; "
            "move partitions to other shards with `lead-engine shard move`."
        )
    return layout


async def _refuse_without_partition(database: Database, specs: Iterable[CollectionSpec]) -> None:
    """All documents without a partition would be on one shard, away from their leads."""
    for spec in specs:
        if spec.distribution is Distribution.BY_LEAD and await spec.of(database).find_one({PARTITION: None}):
            raise Conflict(
                f"Nothing was changed. {spec.name} holds documents without {PARTITION}: they were stored with one partition."
            )


async def _support(database: Database, spec: CollectionSpec, key: Document) -> None:
    """Create an index that begins with the shard key unless there is one: documents of a range are found by it."""
    indexes = await spec.of(database).index_information()
    for index in indexes.values():
        if [index["key"][0]] == list(key.items()) and "partialFilterExpression" not in index:
            return
    await spec.of(database).create_index(list(key.items()))


async def _run(database: Database, steps: Iterable[Step], on_step: OnStep) -> None:
    for step in steps:
        on_step(step)
        try:
            await database.client.admin.command(step.command)
        except OperationFailure as error:
            raise Conflict(f"{' '.join(map(str, next(iter(step.command.items()))))}: {error}") from error
        except PyMongoError as error:
            raise Unavailable(f"The cluster does not answer: {error}") from error
