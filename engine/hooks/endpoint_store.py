"""Endpoints for webhooks in MongoDB. Their secrets are sealed with a key of each endpoint, which is deleted with it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import cast

from msgspec.structs import replace
from pymongo import DESCENDING, IndexModel

from domain.errors import Conflict, NotFound
from domain.hooks.providers import ProviderName
from domain.instant import Millis
from engine.access.rotating_secret import rotated
from engine.hooks.endpoint import HookEndpoint, HookProblem, HookSecret
from engine.privacy.lead_key import LeadKey
from engine.privacy.lead_key_store import LeadKeyStore
from engine.process.clock import from_bson, to_bson
from engine.store.collection import CollectionSpec, Distribution
from engine.store.mongo import Database, Document, Session

__all__ = ["HOOK_ENDPOINTS", "MAX_ENDPOINTS", "HookEndpointStore"]

HOOK_ENDPOINTS = CollectionSpec(
    "hookEndpoints",
    Distribution.UNSHARDED,
    (IndexModel([("createdAt", DESCENDING), ("_id", DESCENDING)]),),
    free_of_personal_data="providers, sealed secrets, and reasons that quote nothing of an event",
)

MAX_ENDPOINTS = 200
_MAX_PROBLEMS = 20
_FIELD = "hook secret"


class HookEndpointStore:
    """Creates, finds, changes and deletes endpoints."""

    def __init__(self, database: Database, keys: LeadKeyStore) -> None:
        self._endpoints = HOOK_ENDPOINTS.of(database)
        self._keys = keys

    async def add(
        self, provider: ProviderName, description: str, secret: str, at: Millis, session: Session
    ) -> HookEndpoint:
        """A new endpoint, enabled. Raises `Conflict` when there are too many."""
        if await self._endpoints.count_documents({}, session=session) >= MAX_ENDPOINTS:
            raise Conflict(f"There are {MAX_ENDPOINTS} endpoints already; delete one first.")
        endpoint = HookEndpoint(
            endpoint_id=f"hk_{secrets.token_hex(16)}",
            provider=provider,
            description=description,
            secrets=(HookSecret(secret),),
            verify_token=secrets.token_urlsafe(24),
            enabled=True,
            created_at=at,
        )
        key = await self._key(endpoint.endpoint_id)
        await self._endpoints.insert_one(
            {
                "_id": endpoint.endpoint_id,
                "provider": provider,
                "description": description,
                "secrets": _sealed(endpoint.secrets, key),
                "verifyToken": key.seal(_FIELD, endpoint.verify_token),
                "enabled": True,
                "createdAt": to_bson(at),
                "refused": 0,
                "problems": [],
            },
            session=session,
        )
        return endpoint

    async def find(self, endpoint_id: str, session: Session | None = None) -> HookEndpoint | None:
        """The endpoint, if there is one."""
        doc = await self._endpoints.find_one({"_id": endpoint_id}, session=session)
        return _endpoint(doc, await self._key(endpoint_id)) if doc else None

    async def get(self, endpoint_id: str, session: Session | None = None) -> HookEndpoint:
        """The endpoint. Raises `NotFound`."""
        found = await self.find(endpoint_id, session)
        if found is None:
            raise NotFound("webhook source", endpoint_id)
        return found

    async def all(self) -> list[HookEndpoint]:
        """All endpoints, newest first."""
        cursor = self._endpoints.find({}).sort([("createdAt", -1), ("_id", -1)])
        return [_endpoint(doc, await self._key(doc["_id"])) async for doc in cursor]

    async def change(
        self, endpoint_id: str, session: Session, *, description: str | None, enabled: bool | None
    ) -> HookEndpoint:
        """The endpoint with what is given. Raises `NotFound`."""
        given = {"description": description, "enabled": enabled}
        fields = {name: value for name, value in given.items() if value is not None}
        if fields:
            await self._endpoints.update_one({"_id": endpoint_id}, {"$set": fields}, session=session)
        return await self.get(endpoint_id, session)

    async def rotate(
        self, endpoint_id: str, secret: str, at: Millis, overlap: Millis, session: Session
    ) -> HookEndpoint:
        """Give the endpoint another secret; the old ones end after the overlap. Raises `NotFound`, `Conflict`."""
        endpoint = await self.get(endpoint_id, session)
        all_ = rotated(endpoint.secrets, HookSecret(secret), at, overlap, of="endpoint")
        sealed = _sealed(all_, await self._key(endpoint_id))
        await self._endpoints.update_one({"_id": endpoint_id}, {"$set": {"secrets": sealed}}, session=session)
        return replace(endpoint, secrets=all_)

    async def delete(self, endpoint_id: str, session: Session) -> None:
        """Forget the endpoint, and the key of its secrets. Raises `NotFound`."""
        if not (await self._endpoints.delete_one({"_id": endpoint_id}, session=session)).deleted_count:
            raise NotFound("webhook source", endpoint_id)
        await self._keys.destroy(_key_name(endpoint_id), session)

    async def note(self, endpoint_id: str, problems: Sequence[HookProblem]) -> None:
        """Count what could not be taken, and keep the last reasons."""
        rows = [
            {"at": to_bson(one.at), "eventId": one.event_id, "type": one.type, "reason": one.reason}
            for one in problems
        ]
        change = {
            "$inc": {"refused": len(rows)},
            "$push": {"problems": {"$each": rows, "$slice": -_MAX_PROBLEMS}},
        }
        await self._endpoints.update_one({"_id": endpoint_id}, change)

    async def _key(self, endpoint_id: str) -> LeadKey:
        name = _key_name(endpoint_id)
        return (await self._keys.of_leads({name}))[name]


def _key_name(endpoint_id: str) -> str:
    """What the key is stored under; no lead has an id with a slash."""
    return f"hooks/{endpoint_id}"


def _sealed(given: Sequence[HookSecret], key: LeadKey) -> list[Document]:
    return [
        {
            "value": key.seal(_FIELD, one.value),
            "expiresAt": None if one.expires_at is None else to_bson(one.expires_at),
        }
        for one in given
    ]


def _endpoint(doc: Document, key: LeadKey) -> HookEndpoint:
    return HookEndpoint(
        endpoint_id=doc["_id"],
        provider=cast("ProviderName", doc["provider"]),
        description=doc["description"],
        secrets=tuple(
            HookSecret(
                str(key.open(_FIELD, one["value"])),
                expires_at=None if one["expiresAt"] is None else from_bson(one["expiresAt"]),
            )
            for one in doc["secrets"]
        ),
        verify_token=str(key.open(_FIELD, doc["verifyToken"])),
        enabled=doc["enabled"],
        created_at=from_bson(doc["createdAt"]),
        refused=doc["refused"],
        problems=tuple(
            HookProblem(
                at=from_bson(one["at"]), event_id=one["eventId"], type=one["type"], reason=one["reason"]
            )
            for one in reversed(doc["problems"])
        ),
    )
