"""Browser sessions in MongoDB: the hash of a token, the person, and when it ends."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from pymongo import ASCENDING, DESCENDING, IndexModel, UpdateOne

from domain.instant import DAY, HOUR, Millis
from engine.people.one_time import new_secret, secret_hash
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["IDLE", "LIFE", "PERSON_SESSIONS", "IssuedSession", "PersonSession", "SessionStore"]

IDLE: Millis = 12 * HOUR
"""A session ends after so long without a request."""
LIFE: Millis = 30 * DAY
"""A session ends after so long whatever happens."""

PERSON_SESSIONS = CollectionSpec(
    "personSessions",
    Distribution.UNSHARDED,
    (
        IndexModel([("personId", ASCENDING), ("createdAt", DESCENDING)]),
        IndexModel([("expiresAt", ASCENDING)], expireAfterSeconds=0),
    ),
    free_of_personal_data="browser sessions of members of the workspace, who are no leads",
)


class PersonSession(Struct, frozen=True, kw_only=True):
    """A signed-in browser. `session_id` is the hash of its token; `proved_at` the last proof of identity."""

    session_id: str
    person_id: str
    device: str
    address: str
    created_at: Millis
    proved_at: Millis
    seen_at: Millis
    expires_at: Millis

    def is_valid(self, at: Millis) -> bool:
        """Whether the session has neither ended nor been idle for too long."""
        return at < min(self.expires_at, self.seen_at + IDLE)


class IssuedSession(Struct, frozen=True):
    """A session together with its token, which is sent to the browser once and then forgotten."""

    session: PersonSession
    token: str

    def __repr__(self) -> str:
        return "IssuedSession(***)"


class SessionStore:
    """Starts, finds and ends sessions."""

    def __init__(self, database: Database) -> None:
        self._sessions = PERSON_SESSIONS.of(database)

    async def start(
        self, person_id: str, device: str, address: str, at: Millis, session: Session | None = None
    ) -> IssuedSession:
        """A new session with a token of its own: one that a browser brought along is never used."""
        token = new_secret()
        started = PersonSession(
            session_id=secret_hash(token),
            person_id=person_id,
            device=device[:200],
            address=address,
            created_at=at,
            proved_at=at,
            seen_at=at,
            expires_at=at + LIFE,
        )
        await self._sessions.insert_one(_to_document(started), session=session)
        return IssuedSession(started, token)

    async def find(self, session_id: str) -> PersonSession | None:
        """The session, if it is stored."""
        doc = await self._sessions.find_one({"_id": {"$eq": session_id}})
        return None if doc is None else _session(doc)

    async def all(self) -> list[PersonSession]:
        """Every stored session; those that ended are removed within a minute or so."""
        return [_session(doc) async for doc in self._sessions.find({}).hint("_id_")]

    async def of_person(self, person_id: str) -> list[PersonSession]:
        """The person's sessions, newest first."""
        cursor = self._sessions.find({"personId": {"$eq": person_id}}).sort("createdAt", -1)
        return [_session(doc) async for doc in cursor]

    async def end(self, person_id: str, session_id: str) -> bool:
        """End one session of the person; False if there was none."""
        found = await self._sessions.delete_one({"_id": {"$eq": session_id}, "personId": {"$eq": person_id}})
        return found.deleted_count == 1

    async def end_all(self, person_id: str, *, but: str = "", session: Session | None = None) -> int:
        """End the person's sessions, all but one if it is named. Returns how many."""
        query = {"personId": {"$eq": person_id}, "_id": {"$ne": but}}
        return (await self._sessions.delete_many(query, session=session)).deleted_count

    async def note_uses(self, uses: Mapping[str, Millis]) -> None:
        """Record when sessions were last used. Never goes back."""
        if uses:
            await self._sessions.bulk_write(
                [UpdateOne({"_id": one}, {"$max": {"seenAt": to_bson(at)}}) for one, at in uses.items()],
                ordered=False,
            )


def _to_document(session: PersonSession) -> Document:
    return {
        "_id": session.session_id,
        "personId": session.person_id,
        "device": session.device,
        "address": session.address,
        "createdAt": to_bson(session.created_at),
        "provedAt": to_bson(session.proved_at),
        "seenAt": to_bson(session.seen_at),
        "expiresAt": to_bson(session.expires_at),
    }


def _session(doc: Document) -> PersonSession:
    return PersonSession(
        session_id=doc["_id"],
        person_id=doc["personId"],
        device=doc["device"],
        address=doc["address"],
        created_at=from_bson(doc["createdAt"]),
        proved_at=from_bson(doc["provedAt"]),
        seen_at=from_bson(doc["seenAt"]),
        expires_at=from_bson(doc["expiresAt"]),
    )
