"""Routes of possible duplicates: pairs of known leads that an event was of."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Response, get, post

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.http.pages import Cursor, Limit, Page, component, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.errors import NotFound
from domain.instant import to_datetime
from engine.store.keyset import Keyset
from workflows.identity.duplicates import DuplicatePair, dismiss, find_duplicates

__all__ = ["dismiss_duplicate", "list_duplicates"]

_TAGS = ["Identity"]


class DuplicateView(View, frozen=True):
    """Two leads that may be one person, and why: an event had identifiers of both, the `kind` that of the second one."""

    duplicate_id: str
    lead_ids: tuple[str, str]
    kind: str
    reason: str
    seen_at: datetime


DuplicatesPage = Annotated[Page[DuplicateView], component("DuplicatesPage")]


@get(
    "/api/duplicates",
    summary="Leads that may be one person",
    description="Pairs of known leads, the latest first; none that were merged or dismissed. Merge them with `POST /api/leads/{leadId}/merge`.",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_duplicates(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, limit: Limit = 50, cursor: Cursor = None
) -> Response[DuplicatesPage]:
    """Possible duplicates; a page may be short, and `nextCursor` goes on."""
    found = await find_duplicates(runtime, visible, decode_time_cursor(cursor, "duplicates"), limit + 1)
    return page_of(
        request, found.rows, limit, of="duplicates", keyset=_keyset, view=_view, resume=found.resume
    )


@post(
    "/api/duplicates/{duplicate_id:str}/dismiss",
    summary="Two leads are two people",
    tags=_TAGS,
    status_code=204,
    responses=problems(400, 404, 503),
)
async def dismiss_duplicate(
    runtime: RuntimeDep, actor: CurrentActor, visible: Visible, duplicate_id: PathText
) -> None:
    """The pair is not listed again, however often it is seen."""
    if not await dismiss(runtime, actor, visible, duplicate_id):
        raise NotFound("possible duplicate", duplicate_id)


def _view(pair: DuplicatePair) -> DuplicateView:
    return DuplicateView(
        duplicate_id=pair.duplicate_id,
        lead_ids=pair.lead_ids,
        kind=pair.kind,
        reason=f"An event of the first lead has the {pair.kind} of the second.",
        seen_at=to_datetime(pair.at),
    )


def _keyset(pair: DuplicatePair) -> Keyset:
    return pair.at, pair.duplicate_id
