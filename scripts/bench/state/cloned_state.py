"""A large and valid state, cloned from a small one within MongoDB in a minute: each lead of a real run many times.

A copy of a lead has its events, history and executions under ids of its own and at positions of its own, after all
before it, so positions stay without a hole and a replay gives what is stored. The indexes are built afterwards.
"""

from __future__ import annotations

from typing import Any

from pymongo import AsyncMongoClient

from domain.events.log_cursor import LogCursor
from engine.automations.execution import execution_id
from engine.capture.log.event_log import EventLog
from engine.schema import create_schema
from engine.settings import Settings
from engine.store.checkpoints import Checkpoints
from engine.store.mongo import Database, Document, database_of
from workflows.dispatch.dispatch import CHECKPOINT
from workflows.dispatch.reconcile import APPLIED

__all__ = ["clone_leads", "clone_name"]

_POSITIONS = {
    "events": ("_id",),
    "scoreHistory": ("_id", "position"),
    "leads": ("position",),
}
_NAMES = {
    "events": ("eventId", "leadId"),
    "scoreHistory": ("eventId", "leadId"),
    "leads": ("_id",),
}


def clone_name(name: str, number: int) -> str:
    """The id of a lead or event in copy `number`; 0 is the original."""
    return f"{name}~{number}" if number else name


async def clone_leads(source: Settings, target: Settings, times: int) -> int:
    """Fill an empty database with `times` as many leads as the source has. Returns how many events it then has.

    Everything must be applied in the source and nothing may be running.
    """
    # A client without the engine's time limits: MongoDB takes minutes over one of these calls.
    async with AsyncMongoClient[Document](source.mongodb_uri, w="majority", journal=True) as client:
        database = database_of(client, source.mongodb_database)
        return await _clone(database, database_of(client, target.mongodb_database), times)


async def _clone(database: Database, target: Database, times: int) -> int:
    last = await EventLog(database).last_position()
    for collection in _POSITIONS:
        stages = _copies(collection, times, last)
        await database[collection].aggregate([*stages, {"$out": {"db": target.name, "coll": collection}}])
    for collection in ("rulebooks", "checkpoints"):
        await database[collection].aggregate([{"$out": {"db": target.name, "coll": collection}}])
    await _clone_executions(database, target, times)
    await create_schema(target)
    marks = Checkpoints(target)
    for mark in (CHECKPOINT, APPLIED):
        await marks.advance(mark, LogCursor((last * times,)))
    await target.client.admin.command("fsync")  # or MongoDB would write it out while something is measured
    return last * times


def _copies(collection: str, times: int, last: int) -> list[Document]:
    """The stages that turn each document into its copies, the original among them."""
    number = "$cloneNumber"
    suffix = {"$cond": [{"$eq": [number, 0]}, "", {"$concat": ["~", {"$toString": number}]}]}
    changed: dict[str, Any] = {name: {"$concat": [f"${name}", suffix]} for name in _NAMES[collection]}
    changed |= {
        name: {"$add": [f"${name}", {"$multiply": [number, last]}]} for name in _POSITIONS[collection]
    }
    return [
        {"$set": {"cloneNumber": {"$range": [0, times]}}},
        {"$unwind": number},
        {"$set": changed},
        {"$unset": "cloneNumber"},
    ]


async def _clone_executions(database: Database, target: Database, times: int) -> None:
    """Copies of executions and of the tasks they made; their ids are digests, which MongoDB cannot compute."""
    executions = await database["automationExecutions"].find().to_list()
    tasks = {task["_id"]: task async for task in database["tasks"].find()}
    for number in range(times):
        copied = [_copy_of(execution, number) for execution in executions]
        caused = [
            {**tasks[original["_id"]], "_id": copy["_id"], "leadId": copy["leadId"]}
            for original, copy in zip(executions, copied, strict=True)
            if original["_id"] in tasks
        ]
        for collection, documents in (("automationExecutions", copied), ("tasks", caused)):
            if documents:
                await target[collection].insert_many(documents)


def _copy_of(execution: Document, number: int) -> Document:
    lead_id = clone_name(execution["leadId"], number)
    identity = execution_id(lead_id, execution["ruleId"], execution["dateBucket"])
    return {**execution, "_id": identity, "leadId": lead_id}
