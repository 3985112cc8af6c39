"""Step-up: calls whose effect outlives a session need a proof of who one is that is not older than ten minutes."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from api.http.problems import ProblemError
from domain.instant import MINUTE, Millis
from engine.access.principal import Principal
from engine.runtime import Runtime

__all__ = ["PROOF_LIFE", "PROOF_NOTE", "needs_recent_proof", "require_recent_proof"]

PROOF_LIFE: Millis = 10 * MINUTE
PROOF_NOTE = " People need to have signed in within the last ten minutes; else 403 `proof-needed`."
"""A sentence for the description of a call."""


async def needs_recent_proof(
    connection: ASGIConnection[Any, Any, Principal, Any], _: BaseRouteHandler
) -> None:
    """A guard of handlers: raises `ProblemError` 403 as `require_recent_proof`."""
    await require_recent_proof(connection.app.state.runtime, connection.auth)


async def require_recent_proof(runtime: Runtime, principal: Principal) -> None:
    """Raise `ProblemError` 403 if a person has not proved who it is within ten minutes.

    A key is its own proof with every request: nobody can leave it behind in an open browser.
    """
    if principal.kind != "person":
        return
    session = await runtime.people.sessions.find(principal.session_id)
    if session is None or runtime.now() - session.proved_at >= PROOF_LIFE:
        detail = "Sign in again first: this needs a proof that is not older than ten minutes."
        raise ProblemError(HTTPStatus.FORBIDDEN, "proof-needed", detail)
