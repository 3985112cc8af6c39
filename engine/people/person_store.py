"""Accounts of people in MongoDB, one per e-mail address; never fewer than one active owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from msgspec import convert, to_builtins
from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from domain.teams.roles import Role
from engine.people.person import MAX_PASSKEYS, Passkey, Person, normal_email
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.collection import CollectionSpec, Distribution
from engine.store.keyset import Keyset
from engine.store.mongo import Database, Document, Session

__all__ = ["PEOPLE", "PersonStore"]

PEOPLE = CollectionSpec(
    "people",
    Distribution.UNSHARDED,
    (
        IndexModel([("email", ASCENDING)], unique=True),
        IndexModel([("createdAt", DESCENDING), ("_id", ASCENDING)]),
        IndexModel([("passkeys.credentialId", ASCENDING)], sparse=True),
        IndexModel([("team", ASCENDING)]),
        IndexModel([("active", ASCENDING)]),
    ),
    free_of_personal_data="members of the workspace, who are no leads",
)


class PersonStore:
    """Creates, finds and changes accounts. An account is deactivated, never deleted: history refers to it."""

    def __init__(self, database: Database) -> None:
        self._people = PEOPLE.of(database)

    async def add(
        self, email: str, name: str, role: Role, at: Millis, session: Session | None = None
    ) -> Person:
        """A new account without any proof of identity yet. Raises `Conflict` if the address has one."""
        person = Person(
            person_id=f"person_{secrets.token_hex(8)}",
            email=normal_email(email),
            name=name,
            role=role,
            created_at=at,
        )
        try:
            await self._people.insert_one(_to_document(person), session=session)
        except DuplicateKeyError as error:
            raise Conflict(f"There is an account for {person.email} already.") from error
        return person

    async def get(self, person_id: str, session: Session | None = None) -> Person:
        """The account. Raises `NotFound`."""
        doc = await self._people.find_one({"_id": {"$eq": person_id}}, session=session)
        if doc is None:
            raise NotFound("person", person_id)
        return _person(doc)

    async def by_email(self, email: str) -> Person | None:
        """The account of this address, if there is one."""
        doc = await self._people.find_one({"email": {"$eq": normal_email(email)}})
        return None if doc is None else _person(doc)

    async def by_credential(self, credential_id: bytes) -> Person | None:
        """The account that this passkey belongs to, if there is one."""
        doc = await self._people.find_one({"passkeys.credentialId": credential_id})
        return None if doc is None else _person(doc)

    async def any_exist(self, session: Session | None = None) -> bool:
        """Whether there is any account at all; without one the first owner may be made."""
        return await self._people.find_one({}, {"_id": 1}, session=session) is not None

    async def active(self) -> list[Person]:
        """Every active account."""
        return [_person(doc) async for doc in self._people.find({"active": True})]

    async def get_many(self, person_ids: Iterable[str], session: Session | None = None) -> dict[str, Person]:
        """Those of the accounts that exist, by id."""
        cursor = self._people.find({"_id": {"$in": list(person_ids)}}, session=session)
        return {doc["_id"]: _person(doc) async for doc in cursor}

    async def ids_of_team(self, team: str) -> list[str]:
        """The ids of everybody in the team, inactive people too."""
        return [doc["_id"] async for doc in self._people.find({"team": {"$eq": team}}, {"_id": 1})]

    async def page(self, after: Keyset | None, limit: int) -> list[Person]:
        """Accounts, inactive ones too, newest first."""
        cursor = self._people.find(keyset.after("createdAt", after))
        return [_person(doc) async for doc in cursor.sort([("createdAt", -1), ("_id", 1)]).limit(limit)]

    async def change(self, person_id: str, fields: Document, session: Session | None = None) -> Person:
        """Set stored fields of the account and return it. Raises `NotFound`."""
        doc = await self._people.find_one_and_update(
            {"_id": {"$eq": person_id}}, {"$set": fields}, return_document=True, session=session
        )
        if doc is None:
            raise NotFound("person", person_id)
        return _person(doc)

    async def require_another_owner(self, person_id: str, session: Session) -> None:
        """Raise `Conflict` if this person is the last active owner: then nobody could manage the workspace.

        Every owner is touched, so that two owners who remove each other at once conflict in their transactions.
        """
        owners = {"role": "owner", "active": True, "_id": {"$ne": person_id}}
        await self._people.update_many({"role": "owner"}, {"$inc": {"ownershipChecks": 1}}, session=session)
        if await self._people.find_one(owners, {"_id": 1}, session=session) is None:
            raise Conflict("This is the last active owner; make somebody else an owner first.")

    async def add_passkey(self, person_id: str, passkey: Passkey, session: Session | None = None) -> Person:
        """The account with one more passkey. Raises `NotFound`, and `Conflict` when it has too many."""
        doc = await self._people.find_one_and_update(
            {"_id": {"$eq": person_id}, f"passkeys.{MAX_PASSKEYS - 1}": {"$exists": False}},
            {"$push": {"passkeys": to_builtins(passkey, builtin_types=(bytes,))}},
            return_document=True,
            session=session,
        )
        if doc is None:
            await self.get(person_id, session)
            raise Conflict(f"There are {MAX_PASSKEYS} passkeys already; remove one first.")
        return _person(doc)

    async def remove_passkey(
        self, person_id: str, credential_id: bytes, session: Session | None = None
    ) -> Person:
        """The account without the passkey. Raises `NotFound`."""
        doc = await self._people.find_one_and_update(
            {"_id": {"$eq": person_id}, "passkeys.credentialId": credential_id},
            {"$pull": {"passkeys": {"credentialId": credential_id}}},
            return_document=True,
            session=session,
        )
        if doc is None:
            raise NotFound("passkey", "of this id")
        return _person(doc)

    async def passkey_used(self, person_id: str, credential_id: bytes, sign_count: int, at: Millis) -> bool:
        """Record a use by compare-and-set on the counter; False if another use was faster, or this is a copy."""
        key = {"credentialId": credential_id, "signCount": {"$lte": sign_count}}
        changed = await self._people.update_one(
            {"_id": {"$eq": person_id}, "passkeys": {"$elemMatch": key}},
            {"$set": {"passkeys.$.signCount": sign_count, "passkeys.$.lastUsedAt": at}},
        )
        return changed.matched_count == 1

    async def use_recovery_hash(self, person_id: str, hashed: str) -> bool:
        """Remove a recovery code; False if it was used before. Single use whatever else happens at the moment."""
        changed = await self._people.update_one(
            {"_id": {"$eq": person_id}, "recoveryHashes": hashed}, {"$pull": {"recoveryHashes": hashed}}
        )
        return changed.modified_count == 1


def _to_document(person: Person) -> Document:
    return {
        "_id": person.person_id,
        "email": person.email,
        "name": person.name,
        "role": person.role,
        "createdAt": to_bson(person.created_at),
        "active": person.active,
        "zone": person.zone,
        "team": person.team,
        "leadsTeam": person.leads_team,
        "awayUntil": None,
        "passwordHash": person.password_hash,
        "recoveryHashes": list(person.recovery_hashes),
    }


def _person(doc: Document) -> Person:
    away = doc.get("awayUntil")
    return Person(
        person_id=doc["_id"],
        email=doc["email"],
        name=doc["name"],
        role=doc["role"],
        created_at=from_bson(doc["createdAt"]),
        active=doc["active"],
        zone=doc["zone"],
        team=doc.get("team", ""),
        leads_team=doc.get("leadsTeam", False),
        away_until=None if away is None else from_bson(away),
        password_hash=doc["passwordHash"],
        passkeys=tuple(convert(doc.get("passkeys", []), list[Passkey], builtin_types=(bytes,))),
        recovery_hashes=tuple(doc["recoveryHashes"]),
    )
