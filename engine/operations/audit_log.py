"""The append-only audit log of administrative actions: changes of keys, rulebooks, endpoints, people; erasures."""

from __future__ import annotations

import secrets
from typing import Literal

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.events.event import Json
from domain.instant import Millis
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["AUDIT_LOG", "ENGINE", "Actor", "AuditAction", "AuditEntry", "AuditLog"]

AUDIT_LOG = CollectionSpec(
    "auditLog",
    Distribution.BY_ID,
    (
        IndexModel([("at", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("target", ASCENDING), ("at", DESCENDING), ("_id", ASCENDING)]),
    ),
)


class Actor(Struct, frozen=True):
    """The actor of an action: an API key or a person by id and name, `user@host` on a command line, or the engine."""

    kind: Literal["key", "person", "command line", "engine"]
    name: str
    id: str = ""

    def __str__(self) -> str:
        inside = f"{self.name}, {self.id}" if self.id else self.name
        return f"{self.kind} ({inside})" if inside else self.kind


ENGINE = Actor("engine", "")

_ID_FIELDS = {"key": "keyId", "person": "personId"}
"""The stored field with the id, by the kind of actor."""


class AuditAction(Struct, frozen=True):
    """An audited action: its name in the past tense, such as `key.revoked`, its target, and the target before and after.

    It must never contain a secret.
    """

    name: str
    target: str
    before: dict[str, Json] | None = None
    after: dict[str, Json] | None = None


class AuditEntry(Struct, frozen=True, kw_only=True):
    """One action, its actor and its time."""

    entry_id: str
    at: Millis
    actor: Actor
    action: AuditAction


class AuditLog:
    """Appends and lists entries. Nothing changes or removes one."""

    def __init__(self, database: Database) -> None:
        self._entries = AUDIT_LOG.of(database)

    async def add(self, actor: Actor, action: AuditAction, at: Millis, session: Session) -> None:
        """Store the action in the transaction that performs it, so that neither exists without the other."""
        await self._entries.insert_one(
            {
                "_id": secrets.token_hex(12),
                "at": to_bson(at),
                "who": {
                    "kind": actor.kind,
                    "name": actor.name,
                    _ID_FIELDS.get(actor.kind, "keyId"): actor.id,
                },
                "action": action.name,
                "target": action.target,
                "before": action.before,
                "after": action.after,
            },
            session=session,
        )

    async def page(self, target: str | None, after: Keyset | None, limit: int) -> list[AuditEntry]:
        """Entries, newest first; all of them, or those about one target."""
        query: Document = {} if target is None else {"target": target}
        query |= keyset.after("at", after)
        cursor = self._entries.find(query).sort([("at", -1), ("_id", 1)]).limit(limit)
        return [_entry(doc) async for doc in cursor]

    async def targets_since(self, action: str, since: Millis, session: Session | None = None) -> set[str]:
        """The targets of all actions of a name from a moment on."""
        query: Document = {"at": {"$gte": to_bson(since)}, "action": action}
        return {doc["target"] async for doc in self._entries.find(query, {"target": 1}, session=session)}


def _entry(doc: Document) -> AuditEntry:
    who = doc["who"]
    return AuditEntry(
        entry_id=doc["_id"],
        at=from_bson(doc["at"]),
        actor=Actor(who["kind"], who["name"], who.get(_ID_FIELDS.get(who["kind"], "keyId"), "")),
        action=AuditAction(doc["action"], doc["target"], doc["before"], doc["after"]),
    )
