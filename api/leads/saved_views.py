"""Routes of saved views: named lists of leads, of one person or shared."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from litestar import delete, get, patch, post
from msgspec import UNSET
from pydantic import MISSING, AfterValidator, Field

from api.access.actor import CurrentActor, CurrentPrincipal
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Page, component
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.printable_name import PrintableName
from api.http.problems import ProblemError, problems
from api.http.view import View
from api.leads.lead_filters import MAX_ACCOUNT_LENGTH, MAX_NAME_LENGTH, Sort, unknown_names
from api.leads.views import LeadView
from domain.errors import Fault, Invalid, json_pointer
from domain.instant import to_datetime
from domain.leads.step import MAX_TAG_LENGTH
from engine.access.principal import Principal
from engine.runtime import Runtime
from engine.teams.saved_view_store import Audience, SavedView, ViewQuery
from workflows.teams.saved_views import (
    NewView,
    NotYourView,
    ViewChange,
    change_view,
    create_view,
    delete_view,
    find_view,
    may_change,
)

__all__ = ["SAVED_VIEWS", "ViewFilter"]

_PATH = "/api/views"
_ONE = f"{_PATH}/{{view_id:str}}"
_TAGS = ["Views"]
_COLUMNS = tuple(field for field in LeadView.__struct_encode_fields__ if field != "leadId")
_EXAMPLE = {
    "name": "Hot and mine",
    "filter": {"stage": "hot", "owner": "me", "tag": "fair"},
    "sort": "-lastActivityAt",
    "columns": ["score", "stage", "tags"],
    "sharedWith": "team",
}


def _known_columns(columns: list[str]) -> list[str]:
    if unknown := [column for column in columns if column not in _COLUMNS]:
        raise ValueError(f"'{unknown[0]}' is not one of {', '.join(_COLUMNS)}")
    if len(set(columns)) < len(columns):
        raise ValueError("should name each column once")
    return columns


class ViewFilter(JsonBody):
    """Filters of `GET /api/leads` by the same names; one that is left out or null does not filter."""

    stage: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    risk: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    outcome: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    status: str | None = Field(None, max_length=MAX_NAME_LENGTH)
    min_score: float | None = Field(None, ge=-1e12, le=1e12)
    owner: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Id of a person, `none`, or `me`: the person who reads the view.",
    )
    tag: str | None = Field(None, min_length=1, max_length=MAX_TAG_LENGTH)
    account: str | None = Field(None, min_length=1, max_length=MAX_ACCOUNT_LENGTH)


_Columns = Annotated[
    list[str],
    Field(
        max_length=len(_COLUMNS), description="Fields of a lead, in their order; empty: those of the screen."
    ),
    AfterValidator(_known_columns),
]
_SharedWith = Annotated[
    Audience,
    Field(description="`nobody`, `team`: the present team of the author, or `everyone` in the workspace."),
]


class CreateView(JsonBody):
    """A new view."""

    name: PrintableName
    filter: ViewFilter = ViewFilter()
    sort: Sort = "-score"
    columns: _Columns = Field([])
    shared_with: _SharedWith = "nobody"


class ChangeView(JsonBody):
    """What to change; what is left out stays. `filter` is replaced as a whole."""

    name: PrintableName | MISSING = MISSING
    filter: ViewFilter | MISSING = MISSING
    sort: Sort | MISSING = MISSING
    columns: _Columns | MISSING = MISSING
    shared_with: _SharedWith | MISSING = MISSING


class ViewFilterView(View, frozen=True):
    """The parameters of `GET /api/leads`; null: no such filter."""

    stage: str | None
    risk: str | None
    outcome: str | None
    status: str | None
    min_score: float | None
    owner: str | None
    tag: str | None
    account: str | None


class SavedViewView(View, frozen=True):
    """A view; `team` is the one it is shared with. `editable`: whether the caller may change and delete it."""

    id: str
    name: str
    filter: ViewFilterView
    sort: str
    columns: list[str]
    shared_with: str
    team: str | None
    author_id: str
    editable: bool
    created_at: datetime
    changed_at: datetime


ViewsPage = Annotated[Page[SavedViewView], component("ViewsPage")]


@get(
    _PATH,
    summary="Saved views, by name",
    description="One's own, those of one's team, and those that are shared with everyone, all on one page.",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_views(runtime: RuntimeDep, principal: CurrentPrincipal) -> ViewsPage:
    """Every view that the caller sees."""
    found = await runtime.teams.views.shown_to(principal.id, principal.team)
    return Page(items=[_view(one, principal) for one in found], next_cursor=None)


@get(_ONE, summary="One saved view", tags=_TAGS, responses=problems(400, 404, 503))
async def get_view(runtime: RuntimeDep, principal: CurrentPrincipal, view_id: PathText) -> SavedViewView:
    """The view. Its leads are those that `GET /api/leads` has with its filters and order."""
    return _view(await find_view(runtime, principal, view_id), principal)


@post(
    _PATH,
    summary="Save a view",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(CreateView, _EXAMPLE)),
    responses=problems(400, 409, 413, 415, 503),
)
async def post_view(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> SavedViewView:
    """The new view. Names are unique per author, in whatever case."""
    body = await read_json_body(request, CreateView)
    _check(runtime, body.filter)
    query = _query(body.filter, body.sort, body.columns)
    new = NewView(name=body.name, query=query, shared_with=body.shared_with)
    return _view(await create_view(runtime, principal, actor, new), principal)


@patch(
    _ONE,
    summary="Change a saved view",
    description="The author may; of a shared one admins too, and the lead of the team it is shared with.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeView, {"sharedWith": "everyone"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def patch_view(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    view_id: PathText,
) -> SavedViewView:
    """The view after the change."""
    body = await read_json_body(request, ChangeView)
    if body.filter is not MISSING:
        _check(runtime, body.filter)
    before = await find_view(runtime, principal, view_id)
    wish = ViewChange(
        name=UNSET if body.name is MISSING else body.name,
        query=_changed_query(before.query, body),
        shared_with=UNSET if body.shared_with is MISSING else body.shared_with,
    )
    try:
        return _view(await change_view(runtime, principal, actor, view_id, wish), principal)
    except NotYourView:
        raise _not_yours() from None


@delete(
    _ONE,
    summary="Delete a saved view",
    description="For those who may change it.",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def remove_view(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor, view_id: PathText
) -> None:
    """Nothing; the leads stay as they are."""
    try:
        await delete_view(runtime, principal, actor, view_id)
    except NotYourView:
        raise _not_yours() from None


def _check(runtime: Runtime, wanted: ViewFilter) -> None:
    """Raise `Invalid` for names that the active rulebook does not have, as the list does."""
    unknown = unknown_names(
        runtime, stage=wanted.stage, risk=wanted.risk, outcome=wanted.outcome, status=wanted.status
    )
    if faults := tuple(Fault(json_pointer("filter", name), detail) for name, detail in unknown):
        raise Invalid("The view was not saved.", faults)


def _query(wanted: ViewFilter, sort: str, columns: list[str]) -> ViewQuery:
    return ViewQuery(**wanted.model_dump(), sort=sort, columns=tuple(columns))


def _changed_query(before: ViewQuery, body: ChangeView) -> ViewQuery:
    filters = {name: getattr(before, name) for name in ViewFilter.model_fields}
    return _query(
        ViewFilter.model_construct(**filters) if body.filter is MISSING else body.filter,
        before.sort if body.sort is MISSING else body.sort,
        list(before.columns) if body.columns is MISSING else body.columns,
    )


def _not_yours() -> ProblemError:
    detail = "The view is somebody else's; its author, an admin or the lead of its team changes it."
    return ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


def _view(view: SavedView, principal: Principal) -> SavedViewView:
    query = view.query
    return SavedViewView(
        id=view.view_id,
        name=view.name,
        filter=ViewFilterView(**{name: getattr(query, name) for name in ViewFilterView.__struct_fields__}),
        sort=query.sort,
        columns=list(query.columns),
        shared_with=view.shared_with,
        team=view.team or None,
        author_id=view.person_id,
        editable=may_change(view, principal),
        created_at=to_datetime(view.created_at),
        changed_at=to_datetime(view.changed_at),
    )


SAVED_VIEWS = (list_views, get_view, post_view, patch_view, remove_view)
"""Every call here, for people who have signed in: a key has no views."""
