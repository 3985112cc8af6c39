"""Webhook endpoints in MongoDB, with their secrets."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime

from msgspec import UNSET, Struct, UnsetType
from msgspec.structs import replace

from domain.errors import Conflict, NotFound
from domain.instant import Millis
from engine.access.rotating_secret import rotated
from engine.process.clock import from_bson, to_bson
from engine.store import keyset
from engine.store.bound_documents import BoundDocuments
from engine.store.keyset import Keyset
from engine.store.mongo import Session
from engine.webhooks.endpoint import Endpoint, EndpointState, patterns_of
from engine.webhooks.endpoint_document import StoredSecret, WebhookEndpoint
from engine.webhooks.secret import Secret, new_secret

__all__ = ["MAX_ENDPOINTS", "EndpointChange", "EndpointStore"]

MAX_ENDPOINTS = 1000
"""Endpoints in all, so that one execution has a bounded number of messages to send."""


class EndpointChange(Struct, frozen=True, kw_only=True):
    """The fields of an endpoint to change; those that are left out stay as they are."""

    url: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    event_types: Sequence[str] | UnsetType = UNSET
    state: EndpointState | UnsetType = UNSET
    reason: str | UnsetType | None = UNSET


class EndpointStore:
    """Creates, finds, changes and deletes endpoints."""

    def __init__(self, documents: BoundDocuments) -> None:
        self._endpoints = documents.of(WebhookEndpoint)

    async def add(
        self,
        url: str,
        description: str,
        event_types: Sequence[str],
        at: Millis,
        session: Session | None = None,
    ) -> Endpoint:
        """A new endpoint with its first secret. Raises `Conflict` when there are too many."""
        if await self._endpoints.find_all(session=session).count() >= MAX_ENDPOINTS:
            raise Conflict(f"There are {MAX_ENDPOINTS} endpoints already; delete one first.")
        document = self._endpoints.model_validate(
            {
                "id": f"ep_{secrets.token_hex(12)}",
                "url": url,
                "description": description,
                "eventTypes": list(event_types),
                "secrets": _stored((new_secret(),)),
                "createdAt": to_bson(at),
            }
        )
        await document.insert(session=session)
        return _endpoint(document)

    async def find(self, endpoint_id: str, session: Session | None = None) -> Endpoint | None:
        """The endpoint, if there is one."""
        document = await self._endpoints.get(endpoint_id, session=session)
        return _endpoint(document) if document else None

    async def get(self, endpoint_id: str, session: Session | None = None) -> Endpoint:
        """The endpoint. Raises `NotFound`."""
        found = await self.find(endpoint_id, session)
        if found is None:
            raise NotFound("webhook endpoint", endpoint_id)
        return found

    async def page(self, after: Keyset | None, limit: int) -> list[Endpoint]:
        """Endpoints, newest first."""
        found = (
            await self._endpoints.find(keyset.after("createdAt", after))
            .sort("-createdAt", "+_id")
            .limit(limit)
            .to_list()
        )
        return [_endpoint(document) for document in found]

    async def listening_to(self, event: str) -> list[str]:
        """The ids of the enabled endpoints that subscribe to an event."""
        listens = [{"eventTypes": {"$size": 0}}, {"eventTypes": {"$in": patterns_of(event)}}]
        found = await self._endpoints.find({"state": "enabled", "$or": listens}).to_list()
        return [document.id for document in found]

    async def change(
        self, endpoint_id: str, change: EndpointChange, session: Session | None = None
    ) -> Endpoint:
        """The endpoint with what the change says. Raises `NotFound`."""
        fields = {
            "url": change.url,
            "description": change.description,
            "eventTypes": change.event_types,
            "state": change.state,
            "reason": change.reason,
        }
        given = {name: value for name, value in fields.items() if value is not UNSET}
        if given:
            await self._endpoints.get_pymongo_collection().update_one(
                {"_id": endpoint_id}, {"$set": given}, session=session
            )
        return await self.get(endpoint_id, session)

    async def disable(self, endpoint_id: str, reason: str, session: Session | None = None) -> bool:
        """Send nothing there any more. False if it was disabled or gone already; a first reason stays."""
        disabled = await self._endpoints.get_pymongo_collection().update_one(
            {"_id": endpoint_id, "state": "enabled"},
            {"$set": {"state": "disabled", "reason": reason}},
            session=session,
        )
        return disabled.modified_count > 0

    async def rotate(
        self, endpoint_id: str, at: Millis, overlap: Millis, session: Session | None = None
    ) -> Endpoint:
        """Give the endpoint a new secret; the old ones end after the overlap. Raises `NotFound` and `Conflict`."""
        endpoint = await self.get(endpoint_id, session)
        secrets = rotated(endpoint.secrets, new_secret(), at, overlap, of="endpoint")
        changed = await self._endpoints.get_pymongo_collection().update_one(
            {"_id": endpoint_id, "secrets": _stored(endpoint.secrets)},
            {"$set": {"secrets": _stored(secrets)}},
            session=session,
        )
        if not changed.matched_count:
            raise Conflict("The secret was rotated by somebody else at the same moment.")
        return replace(endpoint, secrets=secrets)  # not a second look: it could find somebody else's secret

    async def delete(self, endpoint_id: str, session: Session | None = None) -> None:
        """Forget the endpoint and its secrets. Raises `NotFound`."""
        deleted = await self._endpoints.get_pymongo_collection().delete_one(
            {"_id": endpoint_id}, session=session
        )
        if not deleted.deleted_count:
            raise NotFound("webhook endpoint", endpoint_id)


def _stored(given: Sequence[Secret]) -> list[dict[str, str | datetime | None]]:
    ends = [None if one.expires_at is None else to_bson(one.expires_at) for one in given]
    return [{"value": one.value, "expiresAt": end} for one, end in zip(given, ends, strict=True)]


def _secret(stored: StoredSecret) -> Secret:
    end = stored.expires_at
    return Secret(stored.value, expires_at=None if end is None else from_bson(end.replace(tzinfo=None)))


def _endpoint(document: WebhookEndpoint) -> Endpoint:
    return Endpoint(
        endpoint_id=document.id,
        url=document.url,
        description=document.description,
        event_types=tuple(document.event_types),
        secrets=tuple(_secret(stored) for stored in document.secrets),
        state=document.state,
        reason=document.reason,
        created_at=from_bson(document.created_at.replace(tzinfo=None)),
    )
