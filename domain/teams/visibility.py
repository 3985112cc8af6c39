"""Visibility of leads: whose leads a person sees, by the workspace's setting, the role and the team."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

from domain.teams.roles import Role

__all__ = ["EVERY_LEAD", "Visibility", "VisibleLeads", "visible_leads"]

Visibility = Literal["everyone", "team", "own"]
"""`everyone`: all leads. `team`: those of the own team, and unassigned ones. `own`: the own ones, and unassigned ones."""


class VisibleLeads(Struct, frozen=True):
    """The leads that a caller sees: unassigned ones and those of `owners`; every lead if that is None."""

    owners: frozenset[str] | None = None

    def allows(self, owner_id: str | None) -> bool:
        """Whether a lead of this owner, or of none, is visible."""
        return self.owners is None or owner_id is None or owner_id in self.owners

    @property
    def owners_or_none(self) -> frozenset[str | None] | None:
        """The owners of visible leads, None among them for unassigned leads; None: the leads of all."""
        return None if self.owners is None else frozenset({*self.owners, None})


EVERY_LEAD = VisibleLeads()


def visible_leads(
    setting: Visibility, role: Role, person_id: str, *, leads_team: bool, team: Iterable[str]
) -> VisibleLeads:
    """What a person sees. Admins and owners see every lead, the lead of a team always that of its members, in `team`."""
    if setting == "everyone" or role in {"admin", "owner"}:
        return EVERY_LEAD
    if setting == "team" or leads_team:
        return VisibleLeads(frozenset({person_id, *team}))
    return VisibleLeads(frozenset({person_id}))
