"""The principal of a request: the API key or the person who makes it, alike for guards, limits and the audit log."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.teams.roles import Role, Scope

__all__ = ["Principal"]


class Principal(Struct, frozen=True, kw_only=True):
    """An authenticated caller.

    A key with `origins` is for web pages of these only; one with a `source_id` is the write key of that source. A person has a `role`, the `session_id` of the
    browser, and perhaps a `team`.
    """

    kind: Literal["key", "person"]
    id: str
    name: str
    scopes: frozenset[Scope]
    origins: tuple[str, ...] = ()
    source_id: str = ""
    role: Role | None = None
    session_id: str = ""
    team: str = ""
    leads_team: bool = False

    def allows_origin(self, origin: str | None) -> bool:
        """Whether a call from a web page of this origin, or from none, may be made."""
        return origin in self.origins if self.origins else True
