"""The caller of the current request, as the audit log names it."""

from __future__ import annotations

from litestar.di import NamedDependency

from api.http.parameters import HttpRequest
from engine.access.keys.key import ApiKey
from engine.operations.audit_log import Actor

__all__ = ["CurrentActor", "current_actor"]

CurrentActor = NamedDependency[Actor]
"""The parameter `actor` of a handler."""


async def current_actor(request: HttpRequest) -> Actor:
    """The API key that authenticated the request."""
    key: ApiKey = request.auth
    return Actor("key", key.name, key.key_id)
