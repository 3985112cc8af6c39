"""What each call asks of its caller, declared where calls are registered: nothing, or a key with a scope."""

from __future__ import annotations

from typing import Literal

from litestar import Router
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from engine.access.keys.key import Scope

__all__ = ["NEED", "SECURITY_SCHEMES", "Need", "requires"]

NEED = "need"
"""Where a handler's options say what it needs."""

Need = Scope | Literal["nothing", "probe"]
"""`nothing` is open to everybody; `probe` too, and is not even counted, for those who look after the engine."""

_SCHEMES = ("bearer", "apiKey", "basic")

SECURITY_SCHEMES = Components(
    security_schemes={
        "bearer": SecurityScheme(
            type="http", scheme="bearer", description="An API key: `Authorization: Bearer le_...`"
        ),
        "apiKey": SecurityScheme(
            type="apiKey", name="X-API-Key", security_scheme_in="header", description="An API key as it is."
        ),
        "basic": SecurityScheme(
            type="http", scheme="basic", description="An API key as the user name, with any password or none."
        ),
    }
)
"""The three ways to show a key; any one of them will do."""


def requires(need: Need, *calls: ControllerRouterHandler) -> Router:
    """The calls, open to who has a key with this scope, or to everybody.

    The OpenAPI document names the scope with each call. A call that stands behind nothing at all is closed to every
    key but those with the scope `manage`: forgetting this shuts a door, never opens one.
    """
    security: list[dict[str, list[str]]] = (
        [] if need in ("nothing", "probe") else [{scheme: [need]} for scheme in _SCHEMES]
    )
    return Router("/", route_handlers=calls, opt={NEED: need}, security=security)
