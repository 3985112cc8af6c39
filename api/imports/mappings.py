"""Routes of import mappings that are kept by name."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus

from litestar import delete, get, put
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.instant import to_datetime
from engine.imports.mapping_store import KeptMapping
from workflows.imports.background.mappings import delete_mapping, put_mapping

__all__ = ["IMPORT_MAPPINGS"]

_PATH = "/api/import-mappings"
_ONE = f"{_PATH}/{{mapping_name:str}}"
_TAGS = ["Imports"]
_EXAMPLE = {
    "text": 'source: crm\nidentifiers: {email: E-mail}\nevents:\n- type: signup\n  eventId: "crm:{Id}"\n  occurredAt: {column: Created}\n'
}


class PutMapping(JsonBody):
    """A mapping as `lead-engine import` reads it, YAML."""

    text: str = Field(min_length=1, max_length=200_000)


class MappingView(View, frozen=True):
    """A mapping that is kept."""

    name: str
    text: str
    changed_at: datetime


class MappingsView(View, frozen=True):
    """All mappings, by name."""

    items: list[MappingView]


@get(_PATH, summary="Import mappings", tags=_TAGS, responses=problems(400, 503))
async def list_mappings(runtime: RuntimeDep) -> MappingsView:
    """All of them, by name."""
    return MappingsView(items=[_view(one) for one in await runtime.imports.mappings.all()])


@get(_ONE, summary="One import mapping", tags=_TAGS, responses=problems(400, 404, 503))
async def get_mapping(runtime: RuntimeDep, mapping_name: PathText) -> MappingView:
    """The mapping."""
    return _view(await runtime.imports.mappings.get(mapping_name))


@put(
    _ONE,
    summary="Keep an import mapping",
    description="Checked as the command does: what is wrong is named with its line and field.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(PutMapping, _EXAMPLE)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def keep_mapping(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, mapping_name: PathText
) -> MappingView:
    """The mapping, in place of one of this name."""
    body = await read_json_body(request, PutMapping)
    return _view(await put_mapping(runtime, actor, mapping_name, body.text))


@delete(_ONE, summary="Delete an import mapping", tags=_TAGS, responses=problems(400, 404, 503))
async def forget_mapping(runtime: RuntimeDep, actor: CurrentActor, mapping_name: PathText) -> None:
    """Forget it. Imports that were started with it go on."""
    await delete_mapping(runtime, actor, mapping_name)


def _view(mapping: KeptMapping) -> MappingView:
    return MappingView(name=mapping.name, text=mapping.text, changed_at=to_datetime(mapping.changed_at))


IMPORT_MAPPINGS = (list_mappings, get_mapping, keep_mapping, forget_mapping)
"""Every call here."""
