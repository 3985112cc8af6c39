"""The owners of leads on their tasks: a copy that lists of tasks are filtered by, kept in step with the folded leads.

The transaction that changes an owner changes the tasks too. A task that is created at that moment is not seen by it, so
the writer of either compares the two once more afterwards (ADR 92).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from engine.automations.task_document import TASKS
from engine.leads.lead_store import LeadStore
from engine.store.mongo import Database, Document, Session

__all__ = ["OwnersOnTasks", "TaskOwners"]

_PAGE = 1000


class TaskOwners:
    """Writes the owner of each lead on its tasks; None for nobody's, which is stored as no field."""

    def __init__(self, database: Database, leads: LeadStore) -> None:
        self._tasks = TASKS.of(database)
        self._leads = leads

    async def of(self, lead_id: str) -> str | None:
        """The owner of the lead that has this stream, None too for a lead that is not folded yet."""
        return (await self._leads.owners([lead_id])).get(lead_id)

    async def write(self, owners: Mapping[str, str | None], session: Session | None = None) -> None:
        """Write the owner of each of these streams on its tasks, in the transaction that changes the owner."""
        streams_of: dict[str | None, list[str]] = defaultdict(list)
        for stream, owner in owners.items():
            streams_of[owner].append(stream)
        for owner, streams in streams_of.items():
            others: Document = {"leadId": {"$in": streams}, "ownerId": {"$ne": owner}}
            change: Document = {"$unset": {"ownerId": ""}} if owner is None else {"$set": {"ownerId": owner}}
            await self._tasks.update_many(others, change, session=session)

    async def settle(self, streams: Collection[str]) -> None:
        """Write the present owners on the tasks of these streams.

        Of several that do so at a time, the one that writes last sees the owner that was set last: each reads again what it wrote.
        """
        owners, before = await self._leads.owners(streams), None
        while owners != before:
            await self.write(owners)
            owners, before = await self._leads.owners(streams), owners


class OwnersOnTasks:
    """The migration that gives tasks of releases before 0.8 the owners of their leads. Once more changes nothing."""

    name = "owners-on-tasks"

    async def run(self, database: Database) -> int:
        """Go through the tasks by `_id`. Returns how many were looked at."""
        owners, tasks, seen, last = TaskOwners(database, LeadStore(database)), TASKS.of(database), 0, ""
        while page := (
            await tasks.find({"_id": {"$gt": last}}, {"leadId": 1}).sort("_id", 1).limit(_PAGE).to_list()
        ):
            await owners.settle({task["leadId"] for task in page})
            seen, last = seen + len(page), page[-1]["_id"]
        return seen
