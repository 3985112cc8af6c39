"""Roles of people and the scopes they imply: one table for HTTP routes, the command line and the console."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

__all__ = ["ROLES", "SCOPES", "Role", "Scope", "scopes_of"]

Role = Literal["viewer", "rep", "admin", "owner"]
ROLES: tuple[Role, ...] = get_args(Role)

Scope = Literal["ingest", "read", "work", "manage", "own"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
"""What a caller may do: `ingest` appends events, `read` reads leads, `work` handles tasks, calls, notes and claims,
`manage` changes how the engine works, `own` erases people and decides who owns the workspace. API keys have them too."""

_SCOPES: Mapping[Role, frozenset[Scope]] = {
    "viewer": frozenset({"read"}),
    "rep": frozenset({"read", "work"}),
    "admin": frozenset({"read", "work", "ingest", "manage"}),
    "owner": frozenset({"read", "work", "ingest", "manage", "own"}),
}


def scopes_of(role: Role) -> frozenset[Scope]:
    """The scopes that a person of this role has."""
    return _SCOPES[role]
