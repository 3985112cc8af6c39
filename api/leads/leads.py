"""Routes of leads: the list, one lead, its history and its events."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.access.wanted_owners import Owner, wanted_owners
from api.http.pages import Cursor, Limit, Position, Timestamp, decode_cursor, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep, invalid_parameter
from api.http.problems import problems
from api.leads.identifier_filter import IdentifierText, NameText, identifier_parameter, words_of_name
from api.leads.lead_filters import MAX_NAME_LENGTH, Account, Sort, Tag, unknown_names
from api.leads.lead_ids import requested_lead_id
from api.leads.views import (
    EventsPage,
    HistoryPage,
    LeadsPage,
    LeadWithMessagesView,
    event_view,
    history_view,
    lead_view,
    lead_with_messages_view,
)
from domain.errors import NotFound
from domain.events.identifiers import is_plain
from domain.identity.identifier import NotAnIdentifier, normalised
from domain.instant import Millis
from domain.teams.visibility import VisibleLeads
from engine.capture.lenient import decode_lenient
from engine.leads.lead_document import LeadSummary
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.runtime import Runtime
from workflows.access.visible_leads import require_visible
from workflows.accounts.read_account import members_of
from workflows.capture.stored_ids import stored_lead_id
from workflows.identity.find import find
from workflows.identity.find_named import find_named
from workflows.outreach.conversation import deliveries_by_channel
from workflows.privacy.encrypt import opened

__all__ = ["get_lead", "get_lead_events", "get_lead_history", "list_leads"]

_MAX_IDS = 200


@get("/api/leads", summary="Leads, best first", tags=["Leads"], responses=problems(400, 503))
async def list_leads(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    stage: Annotated[
        str | None, QueryParameter(max_length=MAX_NAME_LENGTH, description="Only leads in this stage.")
    ] = None,
    risk: Annotated[
        str | None, QueryParameter(max_length=MAX_NAME_LENGTH, description="Only leads with this risk.")
    ] = None,
    outcome: Annotated[
        str | None, QueryParameter(max_length=MAX_NAME_LENGTH, description="Only leads with this outcome.")
    ] = None,
    status: Annotated[
        str | None,
        QueryParameter(
            max_length=MAX_NAME_LENGTH,
            description="Only leads with this status: new, contacted, replied, converted or dead.",
        ),
    ] = None,
    min_score: Annotated[
        float | None,
        QueryParameter(
            name="minScore", ge=-1e12, le=1e12, description="Only leads with at least this score."
        ),
    ] = None,
    owner: Owner = None,
    tag: Tag = None,
    account: Account = None,
    ids: Annotated[
        str | None,
        QueryParameter(
            max_length=8_000,
            description="Only these leads, in this order, without those that there are not: up to 200 ids, comma "
            "separated. No other filter goes with it.",
        ),
    ] = None,
    email: IdentifierText = None,
    phone: IdentifierText = None,
    user_id: Annotated[str | None, identifier_parameter("userId")] = None,
    anonymous_id: Annotated[str | None, identifier_parameter("anonymousId")] = None,
    name: NameText = None,
    sort: Annotated[Sort, QueryParameter(description="Order; - is descending.")] = "-score",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[LeadsPage]:
    """A page of leads; one of several filters at once may be short, and `nextCursor` goes on."""
    if ids is not None:
        return await _by_id(request, runtime, visible, ids)
    if name is not None:
        return await _by_name(request, runtime, visible, name, limit, cursor)
    identifiers = {"email": email, "phone": phone, "userId": user_id, "anonymousId": anonymous_id}
    if asked := {kind: value for kind, value in identifiers.items() if value is not None}:
        return await _by_identifier(request, runtime, visible, asked)
    for filtered, detail in unknown_names(runtime, stage=stage, risk=risk, outcome=outcome, status=status):
        raise invalid_parameter(filtered, detail)
    field, of = sort.removeprefix("-"), f"leads by {sort}"
    after: tuple[float | Millis | None, str] | None
    if field == "lastActivityAt":
        after = decode_time_cursor(cursor, of)
    else:
        after = decode_cursor(cursor, of, tuple[float, str])
    order = LeadOrder(field, descending=sort.startswith("-"), after=after)
    owners = wanted_owners(request.auth, visible, owner)
    accounts = None if account is None else (await members_of(runtime, account))[1]
    wanted = LeadFilter(stage, risk, min_score, outcome, owners, tag, status, accounts)
    page = await runtime.leads.lists.page(wanted, order, limit + 1)
    return page_of(
        request,
        page.leads,
        limit,
        of=of,
        keyset=lambda lead: (_sort_value(lead, field), lead.lead_id),
        resume=None if page.resume is None else (_sort_value(page.resume, field), page.resume.lead_id),
        view=lambda lead: lead_view(lead, runtime.rulebook.stages),
    )


@get("/api/leads/{lead_id:str}", summary="One lead", tags=["Leads"], responses=problems(400, 404, 503))
async def get_lead(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, lead_id: PathText
) -> LeadWithMessagesView:
    """The lead as of its last event, and its latest messages with the history of each."""
    lead = await runtime.leads.lists.summary(lead_id)
    if lead is None or not visible.allows(lead.owner_id):
        raise NotFound("lead", lead_id)
    channels, more = await deliveries_by_channel(runtime, lead.lead_id)
    shown = lead_view(lead, runtime.rulebook.stages, requested_lead_id(request))
    return lead_with_messages_view(shown, channels, more=more)


@get(
    "/api/leads/{lead_id:str}/history",
    summary="What each event changed",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_lead_history(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: PathText,
    everything: Annotated[
        bool, QueryParameter(name="all", description="Also the engine's own events that changed nothing.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[HistoryPage]:
    """Rows of the score history, the latest event first."""
    await require_visible(runtime, visible, lead_id)
    of = f"history of {lead_id}"
    before = decode_cursor(cursor, of, tuple[Timestamp, Position])
    rows = await runtime.leads.history.page_of_lead(lead_id, limit + 1, before=before, silent=everything)
    if not rows and before is None and await runtime.leads.lists.summary(lead_id) is None:
        raise NotFound("lead", lead_id)
    return page_of(request, rows, limit, of=of, keyset=lambda row: (row.at, row.position), view=history_view)


@get(
    "/api/leads/{lead_id:str}/events",
    summary="A lead's events",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_lead_events(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: PathText,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EventsPage]:
    """Events as sent, newest first. Erased values read `[erased]`.

    An event that cannot be decoded appears as `event.unreadable` from `lead-engine`, with the reason.
    """
    await require_visible(runtime, visible, lead_id)
    of = f"events of {lead_id}"
    before = decode_cursor(cursor, of, tuple[Position])
    stored = await runtime.capture.events.page_of_lead(
        lead_id, limit + 1, before=before[0] if before else None
    )
    events = [decode_lenient(document) for document in stored]
    if not events and before is None:
        raise NotFound("lead", lead_id)
    shown = await opened(runtime, events)
    return page_of(request, shown, limit, of=of, keyset=lambda event: (event.position,), view=event_view)


async def _by_id(
    request: HttpRequest, runtime: Runtime, visible: VisibleLeads, ids: str
) -> Response[LeadsPage]:
    if others := [name for name in request.query_params if name != "ids"]:
        raise invalid_parameter(others[0], "does not go with ids")
    wanted = dict.fromkeys(ids.split(","))
    if len(wanted) > _MAX_IDS or "" in wanted:
        raise invalid_parameter("ids", f"write 1 to {_MAX_IDS} ids, comma separated")
    stored = [one if is_plain(one) else await stored_lead_id(runtime, one) for one in wanted]
    stored = (await runtime.identity.streams.membership(stored)).leads(stored)
    return await _listed(request, runtime, visible, stored)


async def _listed(
    request: HttpRequest, runtime: Runtime, visible: VisibleLeads, stored: Sequence[str]
) -> Response[LeadsPage]:
    found = await runtime.leads.lists.summaries(stored)
    shown = [found[one] for one in stored if one in found and visible.allows(found[one].owner_id)]
    return page_of(
        request,
        shown,
        _MAX_IDS,
        of="leads by id",
        keyset=lambda lead: (lead.lead_id,),
        view=lambda lead: lead_view(lead, runtime.rulebook.stages),
    )


async def _by_identifier(
    request: HttpRequest, runtime: Runtime, visible: VisibleLeads, asked: Mapping[str, str]
) -> Response[LeadsPage]:
    """The one lead with this identifier, or none; however the value is written, it is compared exactly."""
    (kind, value), *_ = asked.items()
    if others := [name for name in request.query_params if name != kind]:
        raise invalid_parameter(others[0], f"does not go with {kind}")
    try:
        identifier = normalised(kind, value, runtime.identity.phone_region)
    except NotAnIdentifier as error:
        raise invalid_parameter(kind, str(error)) from None
    lead_id = await find(runtime, identifier)
    return await _listed(request, runtime, visible, [] if lead_id is None else [lead_id])


async def _by_name(
    request: HttpRequest, runtime: Runtime, visible: VisibleLeads, name: str, limit: int, cursor: str | None
) -> Response[LeadsPage]:
    """The leads with all words of the name, in the order of the ids of the streams that have it."""
    if others := [one for one in request.query_params if one not in {"name", "limit", "cursor"}]:
        raise invalid_parameter(others[0], "does not go with name")
    words, of = words_of_name(name), "leads by name"
    after = decode_cursor(cursor, of, tuple[str])
    named = await find_named(runtime, words, after[0] if after else "", limit)
    found = await runtime.leads.lists.summaries(list(named.leads.values()))
    return page_of(
        request,
        [found[one] for one in named.leads.values() if one in found and visible.allows(found[one].owner_id)],
        limit,
        of=of,
        keyset=lambda lead: (lead.lead_id,),
        resume=None if named.resume is None else (named.resume,),
        view=lambda lead: lead_view(lead, runtime.rulebook.stages),
    )


def _sort_value(lead: LeadSummary, field: str) -> float | Millis:
    match field:
        case "velocity":
            return lead.velocity
        case "lastActivityAt":
            return lead.last_activity_at or 0
    return lead.score
