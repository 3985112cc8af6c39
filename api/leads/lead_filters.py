"""Filters of lists of leads, as query parameters, and their checks, which saved views share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from litestar.params import QueryParameter

from api.http.parameters import invalid_parameter
from domain.decisions.outcome import OUTCOMES
from domain.leads.step import MAX_TAG_LENGTH
from domain.risk.estimate import RISK_BANDS
from domain.teams.visibility import VisibleLeads
from engine.access.principal import Principal
from engine.runtime import Runtime

__all__ = ["MAX_NAME_LENGTH", "Owner", "Sort", "Tag", "unknown_names", "wanted_owners"]

MAX_NAME_LENGTH = 64
"""Characters of the name of a stage, a risk or an outcome in a filter."""

Sort = Literal["-score", "score", "-velocity", "velocity", "-lastActivityAt", "lastActivityAt"]

Owner = Annotated[
    str | None,
    QueryParameter(
        max_length=200,
        description="Only leads of this person: an id, `me`, or `none` for unassigned ones.",
    ),
]
Tag = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=MAX_TAG_LENGTH, description="Only leads with this tag."),
]


def unknown_names(
    runtime: Runtime, *, stage: str | None, risk: str | None, outcome: str | None
) -> Iterator[tuple[str, str]]:
    """The filters whose names mean nothing under the active rulebook, and what to write instead."""
    known = (
        ("stage", stage, runtime.rulebook.stages.names),
        ("risk", risk, RISK_BANDS),
        ("outcome", outcome, OUTCOMES),
    )
    for name, value, names in known:
        if value is not None and value not in names:
            yield name, f"write one of {', '.join(names)}"


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
