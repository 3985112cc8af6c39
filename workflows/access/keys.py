"""Creation, rotation and revocation of API keys, each with an entry in the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Fault, Invalid
from domain.events.event import Json
from domain.instant import Millis
from engine.access.keys.key import ApiKey, Scope
from engine.access.keys.key_store import IssuedKey
from engine.access.rotating_secret import expiries
from engine.operations.audit_log import Actor, AuditAction
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.audited import audited

__all__ = ["create_key", "revoke_key", "rotate_key"]


async def create_key(
    runtime: Runtime, actor: Actor, name: str, scopes: Sequence[Scope], origins: Sequence[str] = ()
) -> IssuedKey:
    """Create a key. Raises `Invalid` for a web-page key with more than the scope ingest, and `Conflict`."""
    if origins and set(scopes) != {"ingest"}:
        detail = "a key for web pages can be read by everybody, so it may have the scope ingest only"
        raise Invalid("This key would be open to everybody.", (Fault("/scopes", detail),))

    async def create(session: Session) -> tuple[IssuedKey, AuditAction]:
        issued = await runtime.access.keys.add(name, scopes, origins, runtime.now(), session)
        return issued, AuditAction("key.created", issued.key.key_id, after=_facts(issued.key))

    return await audited(runtime, actor, create)


async def rotate_key(runtime: Runtime, actor: Actor, key_id: str, overlap: Millis) -> IssuedKey:
    """Add a new secret to the key; the old ones expire after `overlap` (milliseconds). Raises `NotFound`, `Conflict`."""

    async def rotate(session: Session) -> tuple[IssuedKey, AuditAction]:
        before = await runtime.access.keys.get(key_id, session)
        issued = await runtime.access.keys.rotate(key_id, runtime.now(), overlap, session)
        return issued, AuditAction("key.rotated", key_id, _facts(before), _facts(issued.key))

    return await audited(runtime, actor, rotate)


async def revoke_key(runtime: Runtime, actor: Actor, key_id: str) -> ApiKey:
    """Invalidate the key for good. Idempotent. Raises `NotFound`."""

    async def revoke(session: Session) -> tuple[ApiKey, AuditAction | None]:
        before = await runtime.access.keys.get(key_id, session)
        if before.revoked_at is not None:
            return before, None
        after = await runtime.access.keys.revoke(key_id, runtime.now(), session)
        return after, AuditAction("key.revoked", key_id, _facts(before), _facts(after))

    return await audited(runtime, actor, revoke)


def _facts(key: ApiKey) -> dict[str, Json]:
    """What the audit log shows of a key: how many secrets and their expiry, but no secret and no hash."""
    return {
        "name": key.name,
        "scopes": list(key.scopes),
        "origins": list(key.origins),
        "secretsExpireAt": expiries(key.secrets),
        "revoked": key.revoked_at is not None,
    }
