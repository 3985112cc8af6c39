"""The scope that each call requires of its API key, declared where calls are registered."""

from __future__ import annotations

from typing import Literal

from litestar import Router
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from domain.teams.roles import Scope

__all__ = ["REQUIRED_SCOPE", "SECURITY_SCHEMES", "RequiredScope", "requires"]

REQUIRED_SCOPE = "required_scope"
"""Name of the handler option that holds the required scope."""

RequiredScope = Scope | Literal["session", "nothing", "probe"]
"""`session`: for people who have signed in, whatever their role, and for no key. `nothing`: open to everybody, counted
per address. `probe`: open and not counted, for health checks."""

_SCHEMES = ("bearer", "apiKey", "basic", "session")

SECURITY_SCHEMES = Components(
    security_schemes={
        "bearer": SecurityScheme(
            type="http", scheme="bearer", description="An API key: `Authorization: Bearer le_...`"
        ),
        "apiKey": SecurityScheme(
            type="apiKey", name="X-API-Key", security_scheme_in="header", description="An API key as it is."
        ),
        "session": SecurityScheme(
            type="apiKey",
            name="__Host-le",
            security_scheme_in="cookie",
            description="The session of a person who has signed in at `POST /api/session/password`.",
        ),
        "basic": SecurityScheme(
            type="http", scheme="basic", description="An API key as the user name, with any password or none."
        ),
    }
)
"""The three ways to send a key, and the session of a person; any one of them will do."""


def requires(scope: RequiredScope, *calls: ControllerRouterHandler) -> Router:
    """The calls, open to keys with this scope and people whose role implies it, or to everybody.

    The OpenAPI document names it with each call.

    A call that is registered without it requires `manage`: forgetting this locks a call, never opens one.
    """
    security: list[dict[str, list[str]]] = (
        []
        if scope in ("nothing", "probe")
        else [{"session": []}]
        if scope == "session"
        else [{scheme: [scope]} for scheme in _SCHEMES]
    )
    return Router("/", route_handlers=calls, opt={REQUIRED_SCOPE: scope}, security=security)
