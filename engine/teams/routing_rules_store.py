"""Versions of the routing rules in MongoDB, and which of them is active; a version never changes its content."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.teams.routing_rules import RoutingRules
from engine.process.clock import from_bson, to_bson
from engine.process.periodic import every
from engine.store.checkpoints import CHECKPOINTS
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["ROUTING_RULES", "ActiveRouting", "RoutingRulesStore", "StoredRules"]

ROUTING_RULES = CollectionSpec(
    "routingRules",
    Distribution.UNSHARDED,
    free_of_personal_data="rules over attributes, and ids of members of the workspace",
)
_POINTER = "routing"
_REFRESH_SECONDS = 2.0


class StoredRules(Struct, frozen=True):
    """One version of the rules and when it was stored."""

    rules: RoutingRules
    created_at: Millis


class RoutingRulesStore:
    """Stores versions and points to the active one."""

    def __init__(self, database: Database) -> None:
        self._rules = ROUTING_RULES.of(database)
        self._pointers = CHECKPOINTS.of(database)

    async def add(self, rules: RoutingRules, at: Millis, session: Session) -> StoredRules:
        """Store a version. The same again changes nothing; raises `Conflict` for another content of a version."""
        content = rules.model_dump_json(by_alias=True)
        found = await self._rules.find_one({"_id": rules.version}, session=session)
        if found is not None:
            if found["content"] != content:
                raise Conflict(
                    f"Version {rules.version} has another content; give these rules a higher version."
                )
            return _stored(found)
        doc: Document = {"_id": rules.version, "content": content, "createdAt": to_bson(at)}
        try:
            await self._rules.insert_one(doc, session=session)
        except DuplicateKeyError as error:
            raise Conflict(f"Version {rules.version} was stored at this moment; try again.") from error
        return _stored(doc)

    async def get(self, version: int, session: Session | None = None) -> StoredRules:
        """The version. Raises `NotFound`."""
        doc = await self._rules.find_one({"_id": version}, session=session)
        if doc is None:
            raise NotFound("version of the routing rules", str(version))
        return _stored(doc)

    async def page(self, before: int | None, limit: int) -> list[StoredRules]:
        """Versions, the highest first."""
        query = {} if before is None else {"_id": {"$lt": before}}
        return [_stored(doc) async for doc in self._rules.find(query).sort("_id", -1).limit(limit)]

    async def active_version(self, session: Session | None = None) -> int | None:
        """The active version; None while leads are not routed."""
        pointer = await self._pointers.find_one({"_id": _POINTER}, session=session)
        version: int | None = pointer["version"] if pointer else None
        return version

    async def activate(self, version: int | None, session: Session) -> None:
        """Route by this version from now on, or not at all."""
        await self._pointers.update_one(
            {"_id": _POINTER}, {"$set": {"version": version}}, upsert=True, session=session
        )

    async def active(self, session: Session | None = None) -> RoutingRules | None:
        """The active rules; None while leads are not routed."""
        version = await self.active_version(session)
        return None if version is None else (await self.get(version, session)).rules


class ActiveRouting:
    """The active rules as this process knows them, refreshed every two seconds: the fold asks which leads to route."""

    def __init__(self, store: RoutingRulesStore) -> None:
        self._store = store
        self._version: int | None = None
        self.current: RoutingRules | None = None

    async def refresh(self) -> None:
        """Read which version is active, and load it if it has changed."""
        version = await self._store.active_version()
        if version != self._version:
            self.current = None if version is None else (await self._store.get(version)).rules
            self._version = version

    @contextlib.asynccontextmanager
    async def kept_current(self) -> AsyncIterator[None]:
        """Refresh now and every two seconds while the context is open."""
        await self.refresh()
        async with every(self.refresh, _REFRESH_SECONDS, "Cannot read which routing rules are active"):
            yield


def _stored(doc: Document) -> StoredRules:
    return StoredRules(RoutingRules.model_validate_json(doc["content"]), from_bson(doc["createdAt"]))
