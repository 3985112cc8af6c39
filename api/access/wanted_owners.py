"""The filter of lists by the owner of a lead, as a query parameter, within what the caller may see."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

from api.http.parameters import invalid_parameter
from domain.teams.visibility import VisibleLeads
from engine.access.principal import Principal

__all__ = ["Owner", "wanted_owners"]

Owner = Annotated[
    str | None,
    QueryParameter(
        max_length=200,
        description="Only leads of this person: an id, `me`, or `none` for unassigned ones.",
    ),
]


def wanted_owners(
    principal: Principal, visible: VisibleLeads, owner: str | None
) -> tuple[str | None, ...] | None:
    """The owners whose leads are asked for and visible; None: those of all."""
    if owner is None:
        return None if visible.owners is None else (None, *sorted(visible.owners))
    if owner == "me" and principal.kind != "person":
        raise invalid_parameter("owner", "me is the person who has signed in; write the id of a person")
    wanted = {"me": principal.id, "none": None}.get(owner, owner)
    return (wanted,) if visible.allows(wanted) else ()
