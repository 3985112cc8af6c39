"""The scope that each call requires of its API key, declared where calls are registered."""

from __future__ import annotations

from typing import Literal

from litestar import Router
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.spec import Components, SecurityScheme

from domain.teams.roles import Scope

__all__ = ["REQUIRED_SCOPE", "SECURITY_SCHEMES", "RequiredScope", "requires", "scoped"]

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


def requires(scope: RequiredScope, *calls: HTTPRouteHandler) -> Router:
    """The calls, open to keys with this scope and people whose role implies it, or to everybody.

    The OpenAPI document names it with each call. Of calls on one path, which one router must hold, some may be `scoped`.

    A call that is registered without it requires `manage`: forgetting this locks a call, never opens one.
    """
    for call in calls:
        if REQUIRED_SCOPE not in call.opt:
            call.security = _security(scope)
    return Router("/", route_handlers=calls, opt={REQUIRED_SCOPE: scope})


def scoped(scope: RequiredScope, call: HTTPRouteHandler) -> HTTPRouteHandler:
    """The call with a scope of its own, among others on the same path that require another one."""
    call.opt[REQUIRED_SCOPE], call.security = scope, _security(scope)
    return call


def _security(scope: RequiredScope) -> list[dict[str, list[str]]]:
    if scope in ("nothing", "probe"):
        return []
    if scope == "session":
        return [{"session": []}]
    return [{scheme: [scope]} for scheme in _SCHEMES]
