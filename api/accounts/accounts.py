"""Routes of accounts: the list, one account, its leads, and its combined intelligence."""

from __future__ import annotations

from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.accounts.views import (
    AccountIntelligenceView,
    AccountsPage,
    AccountView,
    account_view,
    intelligence_view,
)
from api.http.pages import Cursor, Limit, decode_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep, invalid_parameter
from api.http.problems import problems
from api.leads.views import LeadsPage, lead_view
from domain.accounts.company_domain import registered_domain
from domain.errors import NotFound
from engine.accounts.account_store import AccountFilter, search_text
from workflows.accounts.list_accounts import find_accounts
from workflows.accounts.read_account import members_of, read_account, seen_by

__all__ = ["ACCOUNTS", "get_account", "get_account_intelligence", "list_account_leads", "list_accounts"]

_TAGS = ["Accounts"]
_MAX_TEXT = 255


@get("/api/accounts", summary="Accounts, best first", tags=_TAGS, responses=problems(400, 503))
async def list_accounts(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    name: Annotated[
        str | None,
        QueryParameter(
            max_length=_MAX_TEXT,
            description="Only accounts whose name has this at the beginning of a word, without regard to case; up to 20 characters count.",
        ),
    ] = None,
    domain: Annotated[
        str | None,
        QueryParameter(
            max_length=_MAX_TEXT, description="Only accounts of this domain, or of the one that a host is in."
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[AccountsPage]:
    """A page of accounts by score, as they were at `scoredAt`: seconds after their leads have changed.

    To a caller who sees some of the leads, an account is what these leads are, in the order of its strongest one; a page may be
    short then, and `nextCursor` goes on.
    """
    wanted = _filter(name, domain)
    of = "accounts" if visible.owners is None else "accounts of visible leads"
    after = decode_cursor(cursor, of, tuple[float, str])
    found = await find_accounts(runtime, visible, wanted, limit + 1, after)
    return page_of(
        request,
        found.rows,
        limit,
        of=of,
        keyset=lambda row: row.place,
        view=lambda row: account_view(row.account),
        resume=found.resume,
    )


def _filter(name: str | None, domain: str | None) -> AccountFilter:
    if name is not None and not search_text(name):
        raise invalid_parameter("name", "write the beginning of a word of the name")
    registered = None if domain is None else registered_domain(domain)
    if registered == "":
        raise invalid_parameter("domain", "write the domain of a company, such as acme.com")
    return AccountFilter(name, registered)


@get("/api/accounts/{account_id:str}", summary="One account", tags=_TAGS, responses=problems(400, 404, 503))
async def get_account(runtime: RuntimeDep, visible: Visible, account_id: PathText) -> AccountView:
    """The account by its leads as they are now, under any of its ids: its own, and that of a domain that is part of it."""
    return account_view((await read_account(runtime, account_id, visible=visible)).account, account_id)


@get(
    "/api/accounts/{account_id:str}/intelligence",
    summary="The combined intelligence of an account",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_account_intelligence(
    runtime: RuntimeDep, visible: Visible, account_id: PathText
) -> AccountIntelligenceView:
    """One score by the section `accounts` of the rulebook, now, explained person by person: their points sum to it."""
    reading = await read_account(runtime, account_id, visible=visible)
    return intelligence_view(reading, account_id, runtime.rulebook)


@get(
    "/api/accounts/{account_id:str}/leads",
    summary="The leads of an account",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_account_leads(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    account_id: PathText,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[LeadsPage]:
    """A page of its leads, the highest score first."""
    found, members = await members_of(runtime, account_id)
    of = f"leads of {found}"
    after = decode_cursor(cursor, of, tuple[float, str])
    leads = await runtime.leads.members.page(members, limit + 1, after, seen_by(visible))
    if not leads and after is None:
        raise NotFound("account", account_id)
    return page_of(
        request,
        leads,
        limit,
        of=of,
        keyset=lambda lead: (lead.score, lead.lead_id),
        view=lambda lead: lead_view(lead, runtime.rulebook.stages),
    )


ACCOUNTS = (list_accounts, get_account, get_account_intelligence, list_account_leads)
"""All of them, for callers who may read."""
