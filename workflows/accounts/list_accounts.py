"""Pages of accounts: for callers who see every lead from the list, for others from the leads that they see."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import NamedTuple

from domain.teams.visibility import VisibleLeads
from engine.accounts.account_store import AccountFilter, StoredAccount, is_found_by
from engine.leads.lead_document import LeadSummary
from engine.runtime import Runtime
from workflows.accounts.read_account import read_account, seen_by

__all__ = ["AccountPage", "AccountRow", "Place", "find_accounts"]

Place = tuple[float, str]
"""Where a row stands in its list: a score, and an id that breaks ties."""

_MAX_LEADS = 1000
"""Leads that one page of visible accounts reads at most."""
_LEADS = 200


class AccountRow(NamedTuple):
    """An account of a page, and its place."""

    account: StoredAccount
    place: Place


class AccountPage(NamedTuple):
    """Accounts of a page, and where the list goes on if the page is short and the list has not ended."""

    rows: list[AccountRow]
    resume: Place | None = None


async def find_accounts(
    runtime: Runtime, visible: VisibleLeads, wanted: AccountFilter, limit: int, after: Place | None
) -> AccountPage:
    """The next accounts, the highest score first.

    To a caller who sees some of the leads an account is what these leads are, its score too, and accounts come in the order
    of their strongest visible lead: nothing shows what other leads there are.
    """
    if visible.owners is None:
        found = await runtime.accounts.listed.page(wanted, limit, after)
        return AccountPage([AccountRow(one, (one.score, one.account_id)) for one in found])
    rows: list[AccountRow] = []
    for _ in range(_MAX_LEADS // _LEADS):
        leads = await runtime.leads.members.ranked(seen_by(visible) or (), _LEADS, after)
        async for account, place in _begun_by(runtime, visible, leads):
            if is_found_by(account, wanted):
                rows.append(AccountRow(account, place))
                if len(rows) == limit:
                    return AccountPage(rows)
        if len(leads) < _LEADS:
            return AccountPage(rows)
        after = (leads[-1].score, leads[-1].lead_id)
    return AccountPage(rows, after)


async def _begun_by(
    runtime: Runtime, visible: VisibleLeads, leads: list[LeadSummary]
) -> AsyncIterator[tuple[StoredAccount, Place]]:
    """The accounts whose strongest visible lead is one of these, by the visible leads."""
    owners = seen_by(visible)
    listed = await runtime.accounts.listed.get_many({lead.account_id for lead in leads if lead.account_id})
    seen: set[str] = set()
    for lead in leads:
        if lead.account_id is None:
            continue
        known = listed.get(lead.account_id)
        account_id, members = (
            (lead.account_id, (lead.account_id,)) if known is None else (known.account_id, known.members)
        )
        if account_id in seen:
            continue
        seen.add(account_id)
        first = await runtime.leads.members.page(members, 1, None, owners)
        if [one.lead_id for one in first] == [lead.lead_id]:
            reading = await read_account(runtime, account_id, members, visible=visible)
            yield reading.account, (lead.score, lead.lead_id)
