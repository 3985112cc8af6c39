"""The caller of the current request, as the audit log names it."""

from __future__ import annotations

from litestar.di import NamedDependency

from api.http.parameters import HttpRequest
from engine.access.principal import Principal
from engine.operations.audit_log import Actor

__all__ = ["CurrentActor", "CurrentPrincipal", "current_actor", "current_principal"]

CurrentActor = NamedDependency[Actor]
"""The parameter `actor` of a handler."""


async def current_actor(request: HttpRequest) -> Actor:
    """The API key or the person that the request was authenticated as."""
    principal: Principal = request.auth
    return Actor(principal.kind, principal.name, principal.id)


CurrentPrincipal = NamedDependency[Principal]
"""The parameter `principal` of a handler."""


async def current_principal(request: HttpRequest) -> Principal:
    """The API key or the person that the request was authenticated as."""
    principal: Principal = request.auth
    return principal
