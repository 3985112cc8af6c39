"""The right to decide over owners: what an admin must not do even where the route is open to admins."""

from __future__ import annotations

from http import HTTPStatus

from api.http.problems import ProblemError
from engine.access.principal import Principal

__all__ = ["require_ownership"]


def require_ownership(principal: Principal, rule: str) -> None:
    """Raise `ProblemError` 403 with the rule, unless the caller has the scope `own`."""
    if "own" not in principal.scopes:
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", f"{rule}; the call needs own.")
