"""`lead-engine shard`: the plan of a sharded cluster, its set-up, the move of a partition, and the check of it all."""

from __future__ import annotations

import json
from collections.abc import Sequence

import click

from engine.process.printable import printable
from engine.schema import COLLECTIONS
from engine.settings import Settings
from engine.store.bundle import open_store
from engine.store.sharding.apply import move_partition, set_up
from engine.store.sharding.check import problems
from engine.store.sharding.cluster import read_cluster
from engine.store.sharding.layout import (
    MAX_PARTITIONS,
    MIN_PARTITIONS,
    Layout,
    even_layout,
    moves,
    ranges,
    rebalanced,
)
from engine.store.sharding.plan import CHUNK_MIB, Step, set_up_steps
from scripts.cli.command import exits, run, settings_with_logs

__all__ = ["as_javascript", "shard"]

_HOLDER = "lead-engine shard"
_PARTITIONS = click.option(
    "--partitions",
    type=click.IntRange(MIN_PARTITIONS, MAX_PARTITIONS),
    default=256,
    show_default=True,
    help="Partitions of the store, chosen when it is made.",
)
_CHUNK_SIZE = click.option(
    "--chunk-size",
    type=click.IntRange(1, 1024),
    default=CHUNK_MIB,
    show_default=True,
    help="MiB that MongoDB moves as one; a partition of a collection is to fit in.",
)


@click.group()
def shard() -> None:
    """Plan, make and check a sharded cluster, on which all documents of a lead are on one shard."""


@shard.command()
@_PARTITIONS
@_CHUNK_SIZE
@click.option("--shard", "shards", multiple=True, required=True, help="Name of a shard; once for each.")
@click.option("--then", multiple=True, help="Name of a shard of a later cluster: print only what would move.")
@exits
def plan(partitions: int, chunk_size: int, shards: Sequence[str], then: Sequence[str]) -> None:
    """Print the commands that set up a cluster, for mongosh. Needs no cluster.

    With --then the moves to a cluster of those shards are printed: as few partitions as can be.
    """
    layout = even_layout(partitions, shards)
    if then:
        _print_moves(layout, rebalanced(layout, then))
        return
    database = settings_with_logs().mongodb_database
    _print_layout(layout)
    for step in set_up_steps(database, COLLECTIONS, layout, chunk_mib=chunk_size):
        click.echo(as_javascript(step))


@shard.command("apply")
@_PARTITIONS
@_CHUNK_SIZE
@click.option("--shard", "shards", multiple=True, help="Name of a shard; once for each. Default: all.")
@exits
def apply_(partitions: int, chunk_size: int, shards: Sequence[str]) -> int | None:
    """Set up the cluster behind MONGODB_URI, which must lead to a router (mongos). May be repeated."""
    return run(_apply(settings_with_logs(), partitions, chunk_size, shards))


async def _apply(settings: Settings, partitions: int, chunk_size: int, shards: Sequence[str]) -> None:
    async with open_store(settings, _HOLDER) as store:
        layout = await set_up(
            store.database,
            COLLECTIONS,
            partitions=partitions,
            shards=shards,
            chunk_mib=chunk_size,
            on_step=_tell,
        )
    _print_layout(layout)


@shard.command()
@_PARTITIONS
@click.argument("partition", type=int)
@click.argument("to")
@exits
def move(partitions: int, partition: int, to: str) -> int | None:
    """Move PARTITION, with everything of its leads, to the shard TO. May be repeated after an interruption."""
    return run(_move(settings_with_logs(), partitions, partition, to))


async def _move(settings: Settings, partitions: int, partition: int, to: str) -> None:
    async with open_store(settings, _HOLDER) as store:
        await move_partition(
            store.database, COLLECTIONS, partitions=partitions, partition=partition, to=to, on_step=_tell
        )


@shard.command()
@_CHUNK_SIZE
@exits
def check(chunk_size: int) -> int | None:
    """Say what of the cluster behind MONGODB_URI would part a lead, or keep leads from being spread. Exit 1 if any."""
    return run(_check(settings_with_logs(), chunk_size))


async def _check(settings: Settings, chunk_size: int) -> int:
    async with open_store(settings, _HOLDER) as store:
        state = await read_cluster(store.database)
    found = problems(state, COLLECTIONS, chunk_mib=chunk_size)
    for problem in found:
        click.echo(printable(problem))
    click.echo(
        f"{len(state.shards)} shards, {len(state.collections)} sharded collections, {len(found)} problems."
    )
    return 1 if found else 0


def _print_layout(layout: Layout) -> None:
    for one in ranges(layout):
        click.echo(f"// partitions {one.first} to {one.end - 1} on {printable(one.shard)}")


def _print_moves(before: Layout, after: Layout) -> None:
    found = moves(before, after)
    for one in found:
        click.echo(
            f"lead-engine shard move --partitions {len(before)} {one.partition} {printable(one.target)}"
        )
    click.echo(f"{len(found)} of {len(before)} partitions move.", err=True)


def _tell(step: Step) -> None:
    click.echo(as_javascript(step), err=True)


def as_javascript(step: Step) -> str:
    """The step as a line for mongosh."""
    text = json.dumps(step.command, default=lambda key: f"<{type(key).__name__}()>")
    return f"db.adminCommand({text})".replace('"<MinKey()>"', "MinKey()").replace('"<MaxKey()>"', "MaxKey()")
