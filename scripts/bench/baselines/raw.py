"""Baselines of MongoDB and its driver alone: inserts and reads without any engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from pymongo import IndexModel

from engine.store.mongo import Collection, Document

__all__ = ["copy_indexes", "find_ones", "in_flight", "insert_batches", "insert_ones", "renumbered"]

T = TypeVar("T")


async def copy_indexes(source: Collection, target: Collection) -> None:
    """Make the target a new, empty collection with the indexes that the source has."""
    await target.drop()
    await target.database.create_collection(target.name)
    indexes = [
        IndexModel(list(index["key"]), unique=index.get("unique", False))
        for name, index in (await source.index_information()).items()
        if name != "_id_"
    ]
    if indexes:
        await target.create_indexes(indexes)


def renumbered(stored: Sequence[Document], number: int) -> list[Document]:
    """Events as the engine stored them, with positions and ids of their own for this round."""
    offset = number * len(stored)
    return [
        {**doc, "_id": offset + place, "eventId": f"{number}:{doc['eventId']}"}
        for place, doc in enumerate(stored, 1)
    ]


async def in_flight(number: int, items: Iterable[T], do: Callable[[T], Awaitable[object]]) -> float:
    """Run `work` for all items, `number` at a time. Returns the seconds taken."""
    waiting: Iterator[T] = iter(items)

    async def work() -> None:
        for item in waiting:
            await do(item)

    started = time.monotonic()
    await asyncio.gather(*(work() for _ in range(number)))
    return time.monotonic() - started


async def insert_batches(target: Collection, documents: Sequence[Document], size: int, number: int) -> float:
    """Insert the documents, `size` per call, with `number` calls in flight. Returns documents per second."""
    batches = [documents[start : start + size] for start in range(0, len(documents), size)]
    seconds = await in_flight(number, batches, lambda batch: target.insert_many(batch, ordered=False))
    return len(documents) / seconds


async def insert_ones(target: Collection, documents: Sequence[Document], number: int) -> float:
    """Insert the documents, one per call, with `number` calls in flight. Returns documents per second."""
    return len(documents) / await in_flight(number, documents, target.insert_one)


async def find_ones(target: Collection, ids: Sequence[str], number: int) -> float:
    """Read documents by id with `number` calls in flight. Returns documents per second."""
    return len(ids) / await in_flight(number, ids, lambda one: target.find_one({"_id": one}))
