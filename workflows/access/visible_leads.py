"""The visibility setting, applied in one place: as a part of queries, and as not found for one lead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from domain.errors import NotFound
from domain.teams.visibility import EVERY_LEAD, VisibleLeads, visible_leads
from engine.access.principal import Principal
from engine.runtime import Runtime
from engine.store.keyset import Keyset

__all__ = ["VisibleRows", "require_visible", "visible_rows", "visible_to"]

_PAGE = 200
_MAX_PAGES = 10

R = TypeVar("R")


class VisibleRows(NamedTuple, Generic[R]):
    """Rows about visible leads, the owners of these leads, and where to go on if the search ended before the list."""

    rows: list[R]
    owners: dict[str, str | None]
    resume: Keyset | None = None


async def visible_to(runtime: Runtime, principal: Principal) -> VisibleLeads:
    """The leads that the caller sees. API keys see every lead: they belong to the workspace."""
    setting, role = runtime.settings.lead_visibility, principal.role
    if role is None or setting == "everyone" or role in {"admin", "owner"}:
        return EVERY_LEAD
    team = await runtime.people.accounts.ids_of_team(principal.team) if principal.team else []
    return visible_leads(setting, role, principal.id, leads_team=principal.leads_team, team=team)


async def require_visible(runtime: Runtime, visible: VisibleLeads, lead_id: str) -> None:
    """Raise `NotFound` for a lead that the caller does not see, as for one that there is not."""
    if visible.owners is None:
        return
    if not visible.allows((await runtime.leads.states.owners([lead_id])).get(lead_id)):
        raise NotFound("lead", lead_id)


async def visible_rows(
    runtime: Runtime,
    visible: VisibleLeads,
    find: Callable[[Keyset | None, int], Awaitable[list[R]]],
    *,
    lead_of: Callable[[R], str],
    keyset_of: Callable[[R], Keyset],
    after: Keyset | None,
    limit: int,
) -> VisibleRows[R]:
    """The next `limit` rows of a list that are about leads which the caller sees.

    `find(after, limit)` reads the list. At most 2,000 of its rows are looked at, so a page may have fewer than `limit`
    and still go on, at `resume`.
    """
    rows: list[R] = []
    owners: dict[str, str | None] = {}
    size = limit if visible.owners is None else max(limit, _PAGE)
    for _ in range(_MAX_PAGES):
        found = await find(after, size)
        of_leads = await runtime.leads.states.owners({lead_of(row) for row in found})
        owners |= of_leads
        rows += [row for row in found if visible.allows(of_leads.get(lead_of(row)))]
        if len(found) < size or len(rows) >= limit:
            return VisibleRows(rows[:limit], owners)
        after = keyset_of(found[-1])
    return VisibleRows(rows, owners, after)
