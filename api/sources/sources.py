"""Routes of sources: create, list, change and delete."""

from __future__ import annotations

from litestar import Response, delete, get, patch, post

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.sources.bodies import ChangeSource, CreateSource
from api.sources.views import (
    SourceDetailView,
    SourcesPage,
    SourceView,
    SourceWithKeyView,
    source_detail_view,
    source_view,
    source_with_key_view,
)
from domain.capture.mapping import SourceMapping
from engine.sources.source import SourceChange
from workflows.sources.configure import change_source, create_source, delete_source

__all__ = ["SOURCES"]

_PATH = "/api/sources"
_ONE = f"{_PATH}/{{source_id:str}}"
_EXAMPLE = {
    "name": "website",
    "origins": ["https://www.example.com"],
    "events": {"Demo Requested": "demo.requested"},
}


@post(
    _PATH,
    summary="Create a source",
    description=(
        "A sender in the format of Segment, RudderStack, PostHog or CloudEvents. Its write key is shown here and never again."
        + PROOF_NOTE
    ),
    tags=["Sources"],
    guards=[needs_recent_proof],
    operation_class=operation_with_body(json_request_body(CreateSource, _EXAMPLE)),
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> SourceWithKeyView:
    """A new source, whose write key works at once and can do nothing but send events."""
    body = await read_json_body(request, CreateSource)
    mapping = SourceMapping(
        body.events, body.properties, {str(kind): path for kind, path in body.identifiers.items()}
    )
    return source_with_key_view(await create_source(runtime, actor, body.name, body.origins, mapping))


@get(_PATH, summary="Sources, newest first", tags=["Sources"], responses=problems(400, 503))
async def list_sources(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[SourcesPage]:
    """A page of sources, without their write keys."""
    found = await runtime.sources.configured.page(decode_time_cursor(cursor, "sources"), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="sources",
        keyset=lambda one: (one.created_at, one.source_id),
        view=source_view,
    )


@get(_ONE, summary="One source", tags=["Sources"], responses=problems(400, 404, 503))
async def get_source(runtime: RuntimeDep, source_id: PathText) -> SourceDetailView:
    """The source, without its write key, and how many rejected items of it are kept."""
    source = await runtime.sources.configured.get(source_id)
    return source_detail_view(source, await runtime.sources.rejected.count(source_id))


@patch(
    _ONE,
    summary="Change a source",
    description="In use within two seconds. Events that were taken stay as they are; rejected items can be taken again.",
    tags=["Sources"],
    operation_class=operation_with_body(
        json_request_body(ChangeSource, {"events": {"Demo Requested": "demo.requested"}})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def change(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, source_id: PathText
) -> SourceView:
    """Change the given fields and no others."""
    body = await read_json_body(request, ChangeSource)
    fields = body.model_dump()
    if "origins" in fields:
        fields["origins"] = tuple(fields["origins"])
    return source_view(await change_source(runtime, actor, source_id, SourceChange(**fields)))


@delete(
    _ONE,
    summary="Delete a source",
    description="Its write key is revoked and its rejected items are removed. Its events stay.",
    tags=["Sources"],
    responses=problems(400, 404, 503),
)
async def remove(runtime: RuntimeDep, actor: CurrentActor, source_id: PathText) -> None:
    """Nothing of it is taken from now on."""
    await delete_source(runtime, actor, source_id)


SOURCES = (create, list_sources, get_source, change, remove)
"""Every call here."""
