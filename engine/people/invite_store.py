"""Invitations in MongoDB: single-use links that make an account, bound to an e-mail address and a role."""

from __future__ import annotations

from msgspec import Struct
from pymongo import DESCENDING, IndexModel

from domain.errors import NotFound
from domain.instant import DAY, MINUTE, Millis
from domain.teams.roles import Role
from engine.people.one_time import new_secret, secret_hash
from engine.people.person import normal_email
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["FIRST_OWNER_LIFE", "INVITES", "INVITE_LIFE", "Invite", "InviteStore", "IssuedInvite"]

INVITE_LIFE: Millis = 7 * DAY
FIRST_OWNER_LIFE: Millis = 15 * MINUTE

INVITES = CollectionSpec(
    "invites",
    Distribution.UNSHARDED,
    (IndexModel([("expiresAt", DESCENDING)], expireAfterSeconds=30 * 24 * 3600),),
    free_of_personal_data="invitations to the workspace, of people who are no leads",
)


class Invite(Struct, frozen=True, kw_only=True):
    """An invitation. One without an e-mail address is for the first owner, who chooses it."""

    invite_id: str
    email: str
    role: Role
    expires_at: Millis


class IssuedInvite(Struct, frozen=True):
    """An invitation with its token, which is shown once."""

    invite: Invite
    token: str

    def __repr__(self) -> str:
        return "IssuedInvite(***)"


class InviteStore:
    """Creates, finds and redeems invitations."""

    def __init__(self, database: Database) -> None:
        self._invites = INVITES.of(database)

    async def add(
        self, email: str, role: Role, at: Millis, life: Millis = INVITE_LIFE, session: Session | None = None
    ) -> IssuedInvite:
        """A new invitation; earlier ones to the same address end."""
        token = new_secret()
        invite = Invite(
            invite_id=secret_hash(token), email=normal_email(email), role=role, expires_at=at + life
        )
        await self._invites.delete_many({"email": invite.email}, session=session)
        await self._invites.insert_one(
            {
                "_id": invite.invite_id,
                "email": invite.email,
                "role": invite.role,
                "expiresAt": to_bson(invite.expires_at),
            },
            session=session,
        )
        return IssuedInvite(invite, token)

    async def find(self, token: str, at: Millis) -> Invite:
        """The invitation that this token is. Raises `NotFound` if it was used, has expired or never was."""
        doc = await self._invites.find_one({"_id": secret_hash(token)})
        return _valid(doc, at)

    async def redeem(self, token: str, at: Millis, session: Session) -> Invite:
        """Use up the invitation within the transaction that makes the account. Raises `NotFound` as `find`."""
        doc = await self._invites.find_one_and_delete({"_id": secret_hash(token)}, session=session)
        return _valid(doc, at)

    async def open_ones(self, at: Millis) -> list[Invite]:
        """Invitations that can still be redeemed, the last to expire first."""
        cursor = self._invites.find({"expiresAt": {"$gt": to_bson(at)}, "email": {"$ne": ""}})
        return [_invite(doc) async for doc in cursor.sort("expiresAt", -1).limit(1000)]

    async def withdraw(self, invite_id: str, session: Session | None = None) -> None:
        """End an invitation. Raises `NotFound`."""
        found = await self._invites.delete_one({"_id": {"$eq": invite_id}}, session=session)
        if not found.deleted_count:
            raise NotFound("invitation", invite_id)


def _valid(doc: Document | None, at: Millis) -> Invite:
    if doc is None or at >= from_bson(doc["expiresAt"]):
        raise NotFound("invitation", "of this link: it was used, has expired or was withdrawn")
    return _invite(doc)


def _invite(doc: Document) -> Invite:
    return Invite(
        invite_id=doc["_id"], email=doc["email"], role=doc["role"], expires_at=from_bson(doc["expiresAt"])
    )
