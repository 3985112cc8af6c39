"""Filters of lists of leads, as query parameters, and their checks, which saved views share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from litestar.params import QueryParameter

from domain.decisions.outcome import OUTCOMES
from domain.leads.step import MAX_TAG_LENGTH
from domain.outreach.lead_status import LEAD_STATUSES
from domain.risk.estimate import RISK_BANDS
from engine.runtime import Runtime

__all__ = ["MAX_ACCOUNT_LENGTH", "MAX_NAME_LENGTH", "Account", "Sort", "Tag", "unknown_names"]

MAX_NAME_LENGTH = 64
"""Characters of the name of a stage, a risk, an outcome or a status in a filter."""

Sort = Literal["-score", "score", "-velocity", "velocity", "-lastActivityAt", "lastActivityAt"]

Tag = Annotated[
    str | None,
    QueryParameter(min_length=1, max_length=MAX_TAG_LENGTH, description="Only leads with this tag."),
]

MAX_ACCOUNT_LENGTH = 255
"""Characters of the id of an account in a filter."""

Account = Annotated[
    str | None,
    QueryParameter(
        min_length=1,
        max_length=MAX_ACCOUNT_LENGTH,
        description="Only leads of this account, such as group:0e8823 or domain:acme.com, and of the domain that is part of it.",
    ),
]


def unknown_names(
    runtime: Runtime, *, stage: str | None, risk: str | None, outcome: str | None, status: str | None
) -> Iterator[tuple[str, str]]:
    """The filters whose names mean nothing under the active rulebook, and what to write instead."""
    known = (
        ("stage", stage, runtime.rulebook.stages.names),
        ("risk", risk, RISK_BANDS),
        ("outcome", outcome, OUTCOMES),
        ("status", status, LEAD_STATUSES),
    )
    for name, value, names in known:
        if value is not None and value not in names:
            yield name, f"write one of {', '.join(names)}"
