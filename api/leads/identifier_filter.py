"""The query parameters that find a lead by what a person is known by."""

from __future__ import annotations

from typing import Annotated

from litestar.params import QueryParameter

__all__ = ["IdentifierText", "identifier_parameter"]

_MAX_LENGTH = 400


def identifier_parameter(kind: str | None = None) -> QueryParameter:
    """The parameter of this name, by default that of the handler's."""
    return QueryParameter(
        name=kind,
        min_length=1,
        max_length=_MAX_LENGTH,
        description="Only the lead with exactly this identifier, however it is written. No other filter goes with it.",
    )


IdentifierText = Annotated[str | None, identifier_parameter()]
