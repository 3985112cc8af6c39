"""The resolution of identifiers to a lead: a pure decision over the identifiers that are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.identity.identifier import Identifier

__all__ = ["lead_of"]


def lead_of(identifiers: Sequence[Identifier], owners: Mapping[Identifier, str]) -> str | None:
    """The lead of the strongest identifier that is known, given strongest first; None if none is known.

    Since identifiers are claimed strongest first and never move, an event that is sent again gets the same lead.
    """
    return next((owners[one] for one in identifiers if one in owners), None)
