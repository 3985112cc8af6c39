"""The right to give a lead another owner."""

from __future__ import annotations

from collections.abc import Collection

from domain.teams.roles import Scope

__all__ = ["may_assign"]


def may_assign(
    owner_id: str | None, person_id: str, scopes: Collection[Scope], led_team: Collection[str] = ()
) -> bool:
    """Whether a caller may reassign a lead of this owner.

    Unassigned and own leads with the scope `work`; those of others with `manage`, or as the lead of the owner's team.
    """
    if "manage" in scopes:
        return True
    return "work" in scopes and (owner_id is None or owner_id == person_id or owner_id in led_team)
