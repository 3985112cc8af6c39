"""Routes of imports: a file whose rows become events in the background, its progress, and the rows that were refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Response, delete, get, post
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import OpenAPIType, Schema
from litestar.params import QueryParameter
from litestar.response import Stream

from api.access.actor import CurrentActor
from api.http.openapi import operation_with_body
from api.http.pages import Cursor, Limit, Page, component, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.imports.inspection import inspect
from api.imports.upload import MAX_BODY_BYTES, Received, file_body, received
from domain.errors import Fault, Invalid, NotFound
from domain.instant import to_datetime
from engine.imports.import_store import Import
from engine.runtime import Runtime
from workflows.imports.background.accept import Upload, accept_import, delete_import

__all__ = ["IMPORTS"]

_PATH = "/api/imports"
_ONE = f"{_PATH}/{{import_id:str}}"
_TAGS = ["Imports"]
_STATES = {"waiting": "waiting", "retrying": "waiting", "held": "held", "done": "done", "dead": "failed"}
_TRUE = {"true", "1", "yes", "on"}
_TEXT = Schema(type=OpenAPIType.STRING)
_FORM = file_body(
    "A form with `file`, and `mapping` (the text of a mapping) or `mappingName`; or the file itself, with a query.",
    mapping=_TEXT,
    mappingName=_TEXT,
    dryRun=_TEXT,
)


class ImportView(View, frozen=True):
    """An import: `state` is waiting, running, held, done or failed, with the reason in `detail`.

    `report` counts rows and events so far, as the command does; empty before the first second.
    """

    import_id: str
    file_name: str
    mapping_name: str | None
    dry_run: bool
    state: str
    detail: str
    created_at: datetime
    report: dict[str, Any]


ImportsPage = Annotated[Page[ImportView], component("ImportsPage")]


@post(
    _PATH,
    summary="Import a file",
    description=(
        "CSV in any usual form, NDJSON, `.xlsx`, gzip or zip, up to a million rows. The file is written to disk as it arrives, and its rows become "
        "events in the background, as `lead-engine import` makes them. A mapping or a file that does not fit is refused at once."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(_FORM),
    request_max_body_size=MAX_BODY_BYTES,
    responses=problems(400, 404, 413, 503),
)
async def create(
    request: HttpRequest,
    runtime: RuntimeDep,
    actor: CurrentActor,
    mapping_name: Annotated[
        str | None, QueryParameter(name="mappingName", max_length=100, description="A mapping that is kept.")
    ] = None,
    file_name: Annotated[
        str, QueryParameter(name="fileName", max_length=200, description="Of a body that is no form.")
    ] = "file.csv",
    dry_run: Annotated[
        bool, QueryParameter(name="dryRun", description="Check every row, store nothing.")
    ] = False,
) -> ImportView:
    """The import, and in `importId` what to ask for its progress."""
    async with received(request, runtime.settings.import_max_mb, file_name) as upload:
        wanted = await _wanted(runtime, upload, mapping_name)
        dry = dry_run or upload.fields.get("dryRun", "").strip().lower() in _TRUE
        return _view(await accept_import(runtime, actor, wanted, dry_run=dry))


@get(_PATH, summary="Imports, newest first", tags=_TAGS, responses=problems(400, 503))
async def list_imports(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[ImportsPage]:
    """A page of imports."""
    of = "imports"
    found = await runtime.imports.units.page(decode_time_cursor(cursor, of), limit + 1)
    return page_of(request, found, limit, of=of, keyset=lambda one: (one.created_at, one.unit_id), view=_view)


@get(_ONE, summary="How far an import has come", tags=_TAGS, responses=problems(400, 404, 503))
async def get_import(runtime: RuntimeDep, import_id: PathText) -> ImportView:
    """The import."""
    return _view(await runtime.imports.units.get(import_id))


@get(
    f"{_ONE}/rejects",
    summary="The rows that an import refused",
    description="As they were, with line and reason in front. Kept for seven days; 404 if there are none.",
    tags=_TAGS,
    responses={
        200: ResponseSpec(bytes, description="The rows", media_type="text/csv", generate_examples=False),
        **problems(400, 404, 503),
    },
)
async def get_rejects(runtime: RuntimeDep, import_id: PathText) -> Stream:
    """The rows, written as their file is."""
    await runtime.imports.units.get(import_id)
    pieces = runtime.imports.files.read(import_id, "rejects")
    first = await anext(pieces, None)
    if first is None:
        raise NotFound("file of refused rows", import_id)
    headers = {"Content-Disposition": f'attachment; filename="{import_id}.rejects.csv"'}
    return Stream(_with(first, pieces), media_type="text/csv", headers=headers)


@delete(_ONE, summary="Delete an import", tags=_TAGS, responses=problems(400, 404, 503))
async def forget(runtime: RuntimeDep, actor: CurrentActor, import_id: PathText) -> None:
    """Stop it if it runs, and delete its files. The events that it has stored stay."""
    await delete_import(runtime, actor, import_id)


async def _with(first: bytes, pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in pieces:
        yield piece


async def _wanted(runtime: Runtime, upload: Received, mapping_name: str | None) -> Upload:
    """The upload with its mapping. Raises `Invalid` for none or two, `NotFound` for one that is not kept."""
    inline, name = upload.fields.get("mapping", ""), mapping_name or upload.fields.get("mappingName", "")
    if bool(inline) == bool(name):
        detail = (
            "write the text of a mapping, or mappingName for one that is kept"
            if not name
            else "write one of the two"
        )
        raise Invalid("The mapping is not clear; nothing was stored.", (Fault("/mapping", detail),))
    text = inline or (await runtime.imports.mappings.get(name)).text
    if upload.path is None:
        raise Invalid("There is no file.", (Fault("/file", "is required"),))
    return Upload(upload.path, upload.file_name, text, name)


def _view(unit: Import) -> ImportView:
    running = unit.state in {"waiting", "retrying"} and unit.leased_until is not None
    last = next((one.detail for one in reversed(unit.attempts) if one.detail), "")
    return ImportView(
        import_id=unit.unit_id,
        file_name=unit.file_name,
        mapping_name=unit.mapping_name or None,
        dry_run=unit.dry_run,
        state="running" if running else _STATES[unit.state],
        detail=last or unit.waits_because or unit.held_because,
        created_at=to_datetime(unit.created_at),
        report=msgspec.json.decode(unit.report) if unit.report else {},
    )


IMPORTS = (inspect, create, list_imports, get_import, get_rejects, forget)
"""Every call here."""
