"""Makes, changes and deletes webhook endpoints, and gives them new secrets."""

from __future__ import annotations

from collections.abc import Sequence

from domain.events.event import Json
from domain.instant import Millis
from engine.access.rotating_secret import expiries
from engine.operations.audit_log import ENGINE, Actor, AuditAction
from engine.process.redaction import without_secrets
from engine.runtime import Runtime
from engine.store.mongo import Session
from engine.webhooks.endpoint import Endpoint
from engine.webhooks.endpoint_store import EndpointChange
from workflows.audited import audited

__all__ = ["change_endpoint", "create_endpoint", "delete_endpoint", "disable_endpoint", "rotate_secret"]


async def create_endpoint(
    runtime: Runtime, who: Actor, url: str, description: str, event_types: Sequence[str]
) -> Endpoint:
    """A new endpoint, enabled, with its first secret. Raises `Conflict` when there are too many."""

    async def create(session: Session) -> tuple[Endpoint, AuditAction]:
        endpoint = await runtime.webhooks.endpoints.add(url, description, event_types, runtime.now(), session)
        return endpoint, AuditAction("webhook_endpoint.created", endpoint.endpoint_id, after=_facts(endpoint))

    return await audited(runtime, who, create)


async def change_endpoint(runtime: Runtime, who: Actor, endpoint_id: str, change: EndpointChange) -> Endpoint:
    """Change what is said and nothing else. Raises `NotFound`."""

    async def apply(session: Session) -> tuple[Endpoint, AuditAction | None]:
        before = await runtime.webhooks.endpoints.get(endpoint_id, session)
        after = await runtime.webhooks.endpoints.change(endpoint_id, change, session)
        action = AuditAction("webhook_endpoint.changed", endpoint_id, _facts(before), _facts(after))
        return after, None if after == before else action

    return await audited(runtime, who, apply)


async def rotate_secret(runtime: Runtime, who: Actor, endpoint_id: str, overlap: Millis) -> Endpoint:
    """Give the endpoint a new secret; the old ones end after `overlap`. Raises `NotFound` and `Conflict`."""

    async def rotate(session: Session) -> tuple[Endpoint, AuditAction]:
        before = await runtime.webhooks.endpoints.get(endpoint_id, session)
        after = await runtime.webhooks.endpoints.rotate(endpoint_id, runtime.now(), overlap, session)
        return after, AuditAction(
            "webhook_endpoint.secret_rotated", endpoint_id, _facts(before), _facts(after)
        )

    return await audited(runtime, who, rotate)


async def delete_endpoint(runtime: Runtime, who: Actor, endpoint_id: str) -> None:
    """Forget the endpoint and its secrets. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        before = await runtime.webhooks.endpoints.get(endpoint_id, session)
        await runtime.webhooks.endpoints.delete(endpoint_id, session)
        return None, AuditAction("webhook_endpoint.deleted", endpoint_id, _facts(before))

    await audited(runtime, who, delete)


async def disable_endpoint(runtime: Runtime, endpoint_id: str, reason: str) -> bool:
    """Send nothing there any more, because of what it answered. False if it was disabled or gone already."""

    async def disable(session: Session) -> tuple[bool, AuditAction | None]:
        if not await runtime.webhooks.endpoints.disable(endpoint_id, reason, session):
            return False, None
        after = await runtime.webhooks.endpoints.get(endpoint_id, session)
        before: dict[str, Json] = {**_facts(after), "state": "enabled", "reason": None}
        return True, AuditAction("webhook_endpoint.disabled", endpoint_id, before, _facts(after))

    return await audited(runtime, ENGINE, disable)


def _facts(endpoint: Endpoint) -> dict[str, Json]:
    """The endpoint as the audit log shows it: how many secrets and until when, but none of them."""
    return {
        "url": without_secrets(endpoint.url),
        "description": endpoint.description,
        "eventTypes": list(endpoint.event_types),
        "state": endpoint.state,
        "reason": endpoint.reason,
        "secretsExpireAt": expiries(endpoint.secrets),
    }
