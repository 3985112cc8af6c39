"""Routes of previews of rulebooks: started, read while they sharpen, the leads behind their numbers, deleted."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Response, delete, get, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_cursor, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep, invalid_parameter
from api.http.problems import problems
from api.rulebooks.chosen import ChosenRulebook
from api.rulebooks.preview_views import (
    PreviewLeadsPage,
    PreviewsPage,
    PreviewView,
    lead_view,
    preview_view,
)
from workflows.rule_lab.start import Wanted, start_preview

__all__ = ["PREVIEWS"]

_TAGS = ["Rule lab"]
_PATH = "/api/previews"
_ONE = f"{_PATH}/{{preview_id:str}}"
_MOST_SAMPLE = 20_000
_MOST_DAYS = 366

Moved = Annotated[
    Literal["up", "down", "not"] | None, QueryParameter(description="Which way the stage moves.")
]
Ended = Annotated[
    Literal["open", "won", "lost", "disqualified"] | None, QueryParameter(description="How the lead ended.")
]
StageBefore = Annotated[
    str | None, QueryParameter(max_length=64, description="Stage under the active rulebook; needs `after`.")
]
StageAfter = Annotated[
    str | None,
    QueryParameter(max_length=64, description="Stage under the one that is tried; needs `before`."),
]
FiredAutomation = Annotated[
    str | None, QueryParameter(max_length=64, description="Id of an automation that fired.")
]
Fired = Annotated[
    Literal["now", "then", "new", "lost"],
    QueryParameter(description="When the automation fired: `new` only then, `lost` only now."),
]


class StartPreview(ChosenRulebook):
    """The rulebook to try, and how much to look at: a `sample` of leads first, then `all`; alerts of the last `days`."""

    sample: int = Field(2000, ge=1, le=_MOST_SAMPLE, description="Leads of the first sample.")
    all: bool = Field(default=True, description="Whether to go on to all leads, in the background.")
    days: int = Field(90, ge=1, le=_MOST_DAYS, description="Days back in which alerts are counted.")


@post(
    "/api/rulebooks/preview",
    summary="Try a rulebook on history",
    description="Every lead is folded under the active rulebook and under this one, in the background: a sample first, "
    "then twice as many in each round. Nothing is sent, and no lead is changed. What is under way already is answered as it is.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(StartPreview, {"name": "standard", "version": 2, "sample": 500, "all": False})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_preview(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> PreviewView:
    """The preview, without figures yet."""
    body = await read_json_body(request, StartPreview)
    rulebook, text = await body.read(runtime)
    wanted = Wanted(sample=body.sample, all_leads=body.all, days=body.days)
    return preview_view(await start_preview(runtime, actor, rulebook, text, wanted))


@get(_PATH, summary="Previews of rulebooks, the newest first", tags=_TAGS, responses=problems(400, 503))
async def list_previews(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 20, cursor: Cursor = None
) -> Response[PreviewsPage]:
    """The last ones, as far as they have come."""
    found = await runtime.rule_lab.previews.page(decode_time_cursor(cursor, "previews"), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="previews",
        keyset=lambda one: (one.created_at, one.preview_id),
        view=preview_view,
    )


@get(_ONE, summary="A preview, as far as it has come", tags=_TAGS, responses=problems(400, 404, 503))
async def get_preview(runtime: RuntimeDep, preview_id: PathText) -> PreviewView:
    """Its figures, with intervals that narrow as more leads are compared."""
    return preview_view(await runtime.rule_lab.previews.get(preview_id))


@get(
    f"{_ONE}/leads",
    summary="The leads behind a number of a preview",
    description="All filters must hold. Those whose score moves most come first, each with both explanations.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_preview_leads(
    request: HttpRequest,
    runtime: RuntimeDep,
    preview_id: PathText,
    moved: Moved = None,
    ended: Ended = None,
    before: StageBefore = None,
    after: StageAfter = None,
    automation: FiredAutomation = None,
    fired: Fired = "then",
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[PreviewLeadsPage]:
    """A page of them, also while the preview goes on."""
    if (before is None) != (after is None):
        alone, other = ("before", "after") if after is None else ("after", "before")
        raise invalid_parameter(alone, f"needs `{other}` beside it")
    await runtime.rule_lab.previews.get(preview_id)
    tags = [f"moved:{moved}"] if moved else []
    tags += [f"stages:{before}>{after}"] if before else []
    tags += [f"{fired}:{automation}"] if automation else []
    tags += [f"ended:{ended}"] if ended else []
    place = decode_cursor(cursor, "preview-leads", tuple[float, str])
    found = await runtime.rule_lab.leads.page(preview_id, tags, place, limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="preview-leads",
        keyset=lambda one: (round(abs(one.difference), 6), one.lead_id),
        view=lead_view,
    )


@delete(
    _ONE,
    summary="Delete a preview",
    description="One that is under way ends.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def delete_preview(runtime: RuntimeDep, preview_id: PathText) -> None:
    """It is no longer shown, and removed in the background."""
    await runtime.rule_lab.previews.delete(preview_id)


PREVIEWS = (post_preview, list_previews, get_preview, list_preview_leads, delete_preview)
