"""Who makes the call, for the audit log."""

from __future__ import annotations

from litestar.di import NamedDependency

from api.http.parameters import HttpRequest
from engine.access.keys.key import ApiKey
from engine.operations.audit_log import Actor

__all__ = ["CurrentActor", "current_actor"]

CurrentActor = NamedDependency[Actor]
"""Whoever the guard has let in."""


async def current_actor(request: HttpRequest) -> Actor:
    """The key that was shown."""
    key: ApiKey = request.auth
    return Actor("key", key.name, key.key_id)
