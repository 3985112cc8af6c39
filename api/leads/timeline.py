"""GET /api/leads/{leadId}/timeline: everything of a lead, newest first, under one cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, get_args

from litestar import Response, get
from litestar.params import QueryParameter
from msgspec import Meta

from api.access.visible import Visible
from api.automations.views import ExecutionView, execution_view
from api.http.pages import Cursor, Limit, Page, Timestamp, component, decode_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep, invalid_parameter
from api.http.problems import problems
from api.http.view import View
from api.leads.views import EventView, event_view
from domain.errors import NotFound
from domain.instant import to_datetime
from domain.leads.history_row import HistoryRow
from domain.scoring.breakdown import Contribution
from workflows.access.visible_leads import require_visible
from workflows.intelligence.whole_timeline import (
    EntryKind,
    TimelineEntry,
    TimelinePlace,
    read_whole_timeline,
)

__all__ = ["get_timeline"]

_Position = Annotated[str, Meta(pattern=r"^(0|[1-9][0-9]{0,18})\Z")]
_Identity = Annotated[str, Meta(max_length=200)]


class ChangeView(View, frozen=True):
    """What an event changed: previousScore + decay + contributions = newScore."""

    previous_score: float
    decay: float
    contributions: list[Contribution]
    new_score: float
    stage_before: str
    stage_after: str


class TimelineEntryView(View, frozen=True):
    """An event, with what it changed once it is applied; or the run of an automation."""

    kind: EntryKind
    at: datetime
    event: EventView | None
    change: ChangeView | None
    execution: ExecutionView | None


TimelinePage = Annotated[Page[TimelineEntryView], component("TimelinePage")]


@get(
    "/api/leads/{lead_id:str}/timeline",
    summary="Everything of a lead, newest first",
    tags=["Leads"],
    responses=problems(400, 404, 503),
)
async def get_timeline(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: PathText,
    kind: Annotated[
        str | None,
        QueryParameter(
            max_length=200,
            description=f"Only of these kinds, comma separated: {', '.join(get_args(EntryKind))}.",
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[TimelinePage]:
    """Events with what each changed, and automations, by when they happened. Erased values read `[erased]`."""
    await require_visible(runtime, visible, lead_id)
    kinds, of = _kinds(kind), f"timeline of {lead_id}"
    after = _place(cursor, of)
    found = await read_whole_timeline(runtime, lead_id, kinds, after, limit + 1)
    if not found and after is None and not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    return page_of(request, found, limit, of=of, keyset=lambda entry: entry.place, view=_view)


def _kinds(given: str | None) -> tuple[EntryKind, ...] | None:
    if given is None:
        return None
    known: tuple[EntryKind, ...] = get_args(EntryKind)
    wanted = {part.strip() for part in given.split(",")}
    if not wanted <= set(known):
        raise invalid_parameter("kind", f"write some of {', '.join(known)}, comma separated")
    return tuple(kind for kind in known if kind in wanted)


def _place(cursor: str | None, of: str) -> TimelinePlace | None:
    if cursor is None:
        return None
    at, source, identity = decode_cursor(cursor, of, tuple[Timestamp, str, _Identity]) or (0, "", "")
    if source == "event":
        decode_cursor(cursor, of, tuple[Timestamp, str, _Position])
        return TimelinePlace(at, "event", identity)
    return TimelinePlace(at, "automation", identity)


def _view(entry: TimelineEntry) -> TimelineEntryView:
    return TimelineEntryView(
        kind=entry.kind,
        at=to_datetime(entry.place.at),
        event=None if entry.event is None else event_view(entry.event),
        change=None if entry.row is None else _change(entry.row),
        execution=None if entry.execution is None else execution_view(entry.execution),
    )


def _change(row: HistoryRow) -> ChangeView:
    return ChangeView(
        previous_score=row.previous_score,
        decay=row.decay,
        contributions=list(row.contributions),
        new_score=row.new_score,
        stage_before=row.stage_before,
        stage_after=row.stage_after,
    )
