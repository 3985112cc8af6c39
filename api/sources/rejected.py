"""Routes of rejected items: what a source sent and could not be taken, and taking it again."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post

from api.access.actor import CurrentActor
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import (
    Cursor,
    Limit,
    TimeAndId,
    decode_time_cursor,
    encode_cursor,
    page_of,
)
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.sources.bodies import ReplayRejected
from api.sources.views import RejectedPage, ReplayView, rejected_item_view
from workflows.sources.replay_rejected import replay_rejected
from workflows.sources.seal_items import opened_contents

__all__ = ["REJECTED"]

_PATH = "/api/sources/{source_id:str}/rejected"
_OF = "rejected items"


@get(
    _PATH,
    summary="Rejected items of a source, oldest first",
    description="What could not be taken in the last seven days, with the reasons and the content as it was sent.",
    tags=["Sources"],
    responses=problems(400, 404, 503),
)
async def list_rejected(
    request: HttpRequest, runtime: RuntimeDep, source_id: PathText, limit: Limit = 50, cursor: Cursor = None
) -> Response[RejectedPage]:
    """A page of items."""
    await runtime.sources.configured.get(source_id)
    found = await runtime.sources.rejected.page(source_id, decode_time_cursor(cursor, _OF), limit + 1)
    contents = await opened_contents(runtime, source_id, found)
    return page_of(
        request,
        list(zip(found, contents, strict=True)),
        limit,
        of=_OF,
        keyset=lambda one: (one[0].rejected_at, one[0].item_id),
        view=lambda one: rejected_item_view(*one),
    )


@post(
    f"{_PATH}/replay",
    summary="Take rejected items again",
    description="With the mapping of now. What is taken is rejected no more; the rest stays until its seven days are over.",
    tags=["Sources"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(ReplayRejected, {}, required=False)),
    responses=problems(400, 404, 413, 415, 503),
)
async def replay(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, source_id: PathText
) -> ReplayView:
    """What became of the items. Calling it again is safe."""
    body = await read_json_body(request, ReplayRejected, optional=True)
    cursor: TimeAndId | None = decode_time_cursor(body.cursor, _OF)
    done = await replay_rejected(runtime, actor, source_id, body.ids, cursor)
    return ReplayView(
        accepted=done.captures.accepted,
        duplicates=done.captures.duplicates,
        blocked=done.captures.blocked,
        still_rejected=done.captures.rejected,
        next_cursor=None if done.resume is None else encode_cursor(_OF, done.resume),
    )


REJECTED = (list_rejected, replay)
"""Every call here."""
