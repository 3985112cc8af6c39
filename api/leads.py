"""GET /api/leads and what belongs to one lead: its events and its history."""

from __future__ import annotations

from typing import Annotated, Literal

from litestar import Response, get
from litestar.params import Parameter

from api.parameters import Cursor, HttpRequest, Limit, decode_cursor, encode_cursor, next_link
from api.problems import problems
from api.views import (
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
from domain.risk import RISK_BANDS
from engine.lead_store import LeadSummary
from engine.runtime import Runtime

__all__ = ["get_lead", "get_lead_events", "get_lead_history", "list_leads"]

Sort = Literal["-score", "score", "-velocity", "velocity", "-lastActivityAt", "lastActivityAt"]


@get("/api/leads", summary="Leads, the best first", tags=["Leads"], responses=problems(400))
async def list_leads(
    request: HttpRequest,
    runtime: Runtime,
    stage: Annotated[str | None, Parameter(max_length=64, description="Only leads in this stage.")] = None,
    risk: Annotated[str | None, Parameter(max_length=64, description="Only leads with this risk.")] = None,
    min_score: Annotated[
        float | None, Parameter(query="minScore", description="Only leads with at least this score.")
    ] = None,
    sort: Annotated[Sort, Parameter(description="Order; - is descending.")] = "-score",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[LeadsPage]:
    """A page of leads as their last events left them."""
    _check("stage", stage, runtime.rulebook.stages.names)
    _check("risk", risk, RISK_BANDS)
    field = sort.removeprefix("-")
    leads = await runtime.leads.page(
        stage=stage,
        risk=risk,
        min_score=min_score,
        sort=field,
        descending=sort.startswith("-"),
        after=decode_cursor(cursor, tuple[float | int | None, str]),
        limit=limit + 1,
    )
    more = (
        encode_cursor((_sort_value(leads[limit - 1], field), leads[limit - 1].lead_id))
        if len(leads) > limit
        else None
    )
    page = LeadsPage(items=[lead_answer(lead) for lead in leads[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get("/api/leads/{lead_id:str}", summary="One lead", tags=["Leads"], responses=problems(404))
async def get_lead(runtime: Runtime, lead_id: str) -> LeadAnswer:
    """The lead as its last event left it."""
    lead = await runtime.leads.summary(lead_id)
    if lead is None:
        raise NotFound("lead", lead_id)
    return lead_answer(lead)


@get(
    "/api/leads/{lead_id:str}/history",
    summary="What each event changed",
    tags=["Leads"],
    responses=problems(400, 404),
)
async def get_lead_history(
    request: HttpRequest,
    runtime: Runtime,
    lead_id: str,
    everything: Annotated[
        bool, Parameter(query="all", description="Also the engine's own events that changed nothing.")
    ] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[HistoryPage]:
    """Rows of the score's history, newest first."""
    before = decode_cursor(cursor, tuple[int])
    rows = await runtime.history.page_of_lead(
        lead_id, before[0] if before else None, limit + 1, silent=everything
    )
    if not rows and before is None and await runtime.leads.summary(lead_id) is None:
        raise NotFound("lead", lead_id)
    more = encode_cursor((rows[limit - 1].position,)) if len(rows) > limit else None
    page = HistoryPage(items=[history_answer(row) for row in rows[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get(
    "/api/leads/{lead_id:str}/events", summary="A lead's events", tags=["Leads"], responses=problems(400, 404)
)
async def get_lead_events(
    request: HttpRequest,
    runtime: Runtime,
    lead_id: str,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[EventsPage]:
    """Events as stored, newest first."""
    before = decode_cursor(cursor, tuple[int])
    events = await runtime.events.page_of_lead(lead_id, before[0] if before else None, limit + 1)
    if not events and before is None:
        raise NotFound("lead", lead_id)
    more = encode_cursor((events[limit - 1].position,)) if len(events) > limit else None
    page = EventsPage(items=[event_answer(event) for event in events[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


def _check(name: str, value: str | None, known: tuple[str, ...]) -> None:
    if value is not None and value not in known:
        raise Invalid("Some parameters are wrong.", (Fault(f"?{name}", f"write one of {', '.join(known)}"),))


def _sort_value(lead: LeadSummary, field: str) -> float | Millis | None:
    match field:
        case "velocity":
            return lead.velocity
        case "lastActivityAt":
            return lead.last_activity_at
    return lead.score
