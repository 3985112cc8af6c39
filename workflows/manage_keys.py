"""Makes, rotates and revokes API keys."""

from __future__ import annotations

from collections.abc import Sequence

from domain.errors import Fault, Invalid
from domain.instant import Millis
from engine.keys.key import ApiKey, Scope
from engine.keys.key_store import IssuedKey
from engine.runtime import Runtime

__all__ = ["create_key", "revoke_key", "rotate_key"]


async def create_key(
    runtime: Runtime, name: str, scopes: Sequence[Scope], origins: Sequence[str] = ()
) -> IssuedKey:
    """A new key. Raises `Invalid` for a key of web pages that could do more than send events, and `Conflict`."""
    if origins and set(scopes) != {"ingest"}:
        detail = "a key for web pages can be read by everybody, so it may have the scope ingest only"
        raise Invalid("This key would be open to everybody.", (Fault("/scopes", detail),))
    return await runtime.keys.add(name, scopes, origins, runtime.now())


async def rotate_key(runtime: Runtime, key_id: str, overlap: Millis) -> IssuedKey:
    """A new secret for the key; the old ones end after `overlap`. Raises `NotFound` and `Conflict`."""
    return await runtime.keys.rotate(key_id, runtime.now(), overlap)


async def revoke_key(runtime: Runtime, key_id: str) -> ApiKey:
    """End the key for good. Raises `NotFound`."""
    return await runtime.keys.revoke(key_id, runtime.now())
