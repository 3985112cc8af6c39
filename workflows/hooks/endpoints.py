"""Makes, changes and deletes endpoints for webhooks of providers."""

from __future__ import annotations

import secrets

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.hooks.providers import PROVIDERS, ProviderName
from domain.instant import Millis
from engine.access.rotating_secret import expiries
from engine.hooks.endpoint import HookEndpoint
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["change_hook", "create_hook", "delete_hook", "rotate_hook_secret"]


async def create_hook(
    runtime: Runtime, by: Actor, provider: ProviderName, description: str, secret: str | None
) -> HookEndpoint:
    """A new endpoint, enabled. Raises `Invalid` for a secret that cannot be the provider's, `Conflict` for too many."""
    secret = _secret(provider, secret)

    async def create(session: Session) -> tuple[HookEndpoint, AuditAction]:
        endpoint = await runtime.hooks.endpoints.add(provider, description, secret, runtime.now(), session)
        return endpoint, AuditAction("hook.created", endpoint.endpoint_id, after=_facts(endpoint))

    return await audited(runtime, by, create)


async def change_hook(
    runtime: Runtime, by: Actor, endpoint_id: str, *, description: str | None, enabled: bool | None
) -> HookEndpoint:
    """Change what is given and nothing else. Raises `NotFound`."""

    async def change(session: Session) -> tuple[HookEndpoint, AuditAction | None]:
        before = await runtime.hooks.endpoints.get(endpoint_id, session)
        after = await runtime.hooks.endpoints.change(
            endpoint_id, session, description=description, enabled=enabled
        )
        action = AuditAction("hook.changed", endpoint_id, _facts(before), _facts(after))
        return after, None if _facts(after) == _facts(before) else action

    return await audited(runtime, by, change)


async def rotate_hook_secret(
    runtime: Runtime, by: Actor, endpoint_id: str, secret: str | None, overlap: Millis
) -> HookEndpoint:
    """Give the endpoint another secret; the old ones end after `overlap`. Raises `NotFound`, `Invalid`, `Conflict`."""

    async def rotate(session: Session) -> tuple[HookEndpoint, AuditAction]:
        before = await runtime.hooks.endpoints.get(endpoint_id, session)
        new = _secret(before.provider, secret)
        after = await runtime.hooks.endpoints.rotate(endpoint_id, new, runtime.now(), overlap, session)
        return after, AuditAction("hook.secret_rotated", endpoint_id, _facts(before), _facts(after))

    return await audited(runtime, by, rotate)


async def delete_hook(runtime: Runtime, by: Actor, endpoint_id: str) -> None:
    """Forget the endpoint and its secrets. Raises `NotFound`."""

    async def delete(session: Session) -> tuple[None, AuditAction]:
        before = await runtime.hooks.endpoints.get(endpoint_id, session)
        await runtime.hooks.endpoints.delete(endpoint_id, session)
        return None, AuditAction("hook.deleted", endpoint_id, _facts(before))

    await audited(runtime, by, delete)


def _secret(provider: ProviderName, given: str | None) -> str:
    """The given secret, or a new one for providers to which we give it. Raises `Invalid`."""
    rules = PROVIDERS[provider]
    if given is None:
        if not rules.is_shared:
            detail = f"is required: {rules.secret}, as {provider} shows it"
            raise Invalid("The secret is missing.", (Fault("/secret", detail),))
        return secrets.token_urlsafe(32)
    rules.check_secret(given)
    return given


def _facts(endpoint: HookEndpoint) -> dict[str, Json]:
    """The endpoint as the audit log shows it: how many secrets and until when, but none of them."""
    return {
        "provider": endpoint.provider,
        "description": endpoint.description,
        "enabled": endpoint.enabled,
        "secretsExpireAt": expiries(endpoint.secrets),
    }
