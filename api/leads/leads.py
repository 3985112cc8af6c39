"""GET /api/leads and what belongs to one lead: its events and its history."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import QueryParameter

from api.http.parameters import (
    Cursor,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    Position,
    RuntimeDep,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems
from api.leads.views import (
    EventsPage,
    HistoryPage,
    LeadAnswer,
    LeadsPage,
    event_answer,
    history_answer,
    lead_answer,
)
from domain.errors import Fault, Invalid, NotFound
from domain.instant import Millis
from domain.risk.silence import RISK_BANDS
from engine.capture.lenient import decode_lenient
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.leads.lead_store import LeadSummary
from workflows.capture.encrypt import opened

__all__ = ["get_lead", "get_lead_events", "get_lead_history", "list_leads"]

Sort = Literal["-score", "score", "-velocity", "velocity", "-lastActivityAt", "lastActivityAt"]


@get("/api/leads", summary="Leads, the best first", tags=["Leads"], responses=problems(400, 503))
async def list_leads(
    request: HttpRequest,
    runtime: RuntimeDep,
    stage: Annotated[
        str | None, QueryParameter(max_length=64, description="Only leads in this stage.")
    ] = None,
    risk: Annotated[
        str | None, QueryParameter(max_length=64, description="Only leads with this risk.")
    ] = None,
    min_score: Annotated[
        float | None,
        QueryParameter(
            name="minScore", ge=-1e12, le=1e12, description="Only leads with at least this score."
        ),
    ] = None,
    sort: Annotated[Sort, QueryParameter(description="Order; - is descending.")] = "-score",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[LeadsPage]:
    """A page of leads as their last events left them."""
    _check("stage", stage, runtime.rulebook.stages.names)
    _check("risk", risk, RISK_BANDS)
    field, of = sort.removeprefix("-"), f"leads by {sort}"
    after: tuple[float | Millis | None, str] | None
    if field == "lastActivityAt":
        after = decode_cursor(cursor, of, tuple[Moment, str])
    else:
        after = decode_cursor(cursor, of, tuple[float, str])
    order = LeadOrder(field, descending=sort.startswith("-"), after=after)
    leads = await runtime.leads.states.page(LeadFilter(stage, risk, min_score), order, limit + 1)
    more = next_cursor(of, leads, limit, lambda last: (_sort_value(last, field), last.lead_id))
    page = LeadsPage(items=[lead_answer(lead) for lead in leads[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get("/api/leads/{lead_id:str}", summary="One lead", tags=["Leads"], responses=problems(400, 404, 503))
async def get_lead(runtime: RuntimeDep, lead_id: PathText) -> LeadAnswer:
    """The lead as its last event left it."""
    lead = await runtime.leads.states.summary(lead_id)
    if lead is None:
        raise NotFound("lead", lead_id)
    return lead_answer(lead)


@get(
    "/api/leads/{lead_id:str}/history",
    summary="What each event changed",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_lead_history(
    request: HttpRequest,
    runtime: RuntimeDep,
    lead_id: PathText,
    everything: Annotated[
        bool, QueryParameter(name="all", description="Also the engine's own events that changed nothing.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[HistoryPage]:
    """Rows of the score's history, newest first."""
    of = f"history of {lead_id}"
    before = decode_cursor(cursor, of, tuple[Position])
    rows = await runtime.leads.history.page_of_lead(
        lead_id, before[0] if before else None, limit + 1, silent=everything
    )
    if not rows and before is None and await runtime.leads.states.summary(lead_id) is None:
        raise NotFound("lead", lead_id)
    more = next_cursor(of, rows, limit, lambda last: (last.position,))
    page = HistoryPage(items=[history_answer(row) for row in rows[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get(
    "/api/leads/{lead_id:str}/events",
    summary="A lead's events",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_lead_events(
    request: HttpRequest,
    runtime: RuntimeDep,
    lead_id: PathText,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EventsPage]:
    """Events as sent, newest first. What was erased of them reads `[erased]`.

    In place of one that cannot be read stands `event.unreadable`, from `lead-engine`, with the reason.
    """
    of = f"events of {lead_id}"
    before = decode_cursor(cursor, of, tuple[Position])
    stored = await runtime.capture.events.stored_of_lead(lead_id, before[0] if before else None, limit + 1)
    events = [decode_lenient(document) for document in stored]
    if not events and before is None:
        raise NotFound("lead", lead_id)
    more = next_cursor(of, events, limit, lambda last: (last.position,))
    shown = await opened(runtime, lead_id, events[:limit])
    page = EventsPage(items=[event_answer(event) for event in shown], next_cursor=more)
    return Response(page, headers=next_link(request, more))


def _check(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise Invalid("Some parameters are wrong.", (Fault(f"?{name}", f"write one of {', '.join(known)}"),))


def _sort_value(lead: LeadSummary, field: str) -> float | Millis:
    match field:
        case "velocity":
            return lead.velocity
        case "lastActivityAt":
            return lead.last_activity_at or 0
    return lead.score
