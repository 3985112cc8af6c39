"""Route that inspects a file before it is imported: nothing is stored."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import post
from litestar.params import QueryParameter

from api.http.openapi import operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.imports.upload import FILE_BODY, MAX_BODY_BYTES, received
from domain.errors import Fault, Invalid
from workflows.imports.background.inspect_upload import inspect_upload
from workflows.imports.inspection.inspect_file import Inspection

__all__ = ["inspect"]


class ColumnView(View, frozen=True):
    """A column: the share of its cells that say something, what they are, the formats of times, what to look at.

    `name` is empty for a column that a mapping cannot name; `property` is a free name for its values, null for a
    personal column for which no encrypted name is free.
    """

    name: str
    fill_rate: float
    kind: str
    samples: list[str]
    formats: list[str]
    personal: bool
    notes: list[str]
    property: str | None


class InspectionView(View, frozen=True):
    """What is in a file: how it is written, its columns, and a mapping, with the report of a dry run of `rows` by it.

    `recognised` is the title of the export, empty if the columns were guessed; `whole` says that these are all rows.
    """

    rows: int
    whole: bool
    file: list[str]
    columns: list[ColumnView]
    first_rows: list[list[str]]
    recognised: str
    notes: list[str]
    mapping: str
    trial: dict[str, Any]


@post(
    "/api/imports/inspect",
    summary="Inspect a file before it is imported",
    description="The first 2,000 rows: encoding, delimiter, columns, and a mapping to begin with, as `lead-engine import inspect`. Nothing is stored.",
    tags=["Imports"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(FILE_BODY),
    request_max_body_size=MAX_BODY_BYTES,
    responses=problems(400, 413, 503),
)
async def inspect(
    request: HttpRequest,
    runtime: RuntimeDep,
    file_name: Annotated[
        str, QueryParameter(name="fileName", max_length=200, description="Of a body that is no form.")
    ] = "file.csv",
) -> InspectionView:
    """What is in the file."""
    async with received(request, runtime.settings.import_max_mb, file_name) as upload:
        if upload.path is None:
            raise Invalid("There is no file.", (Fault("/file", "is required"),))
        return _view(await inspect_upload(runtime, upload.path, upload.file_name))


def _view(found: Inspection) -> InspectionView:
    return InspectionView(
        rows=found.rows,
        whole=found.is_whole,
        file=list(found.file),
        columns=[
            ColumnView(
                name=one.name,
                fill_rate=round(one.fill_rate, 4),
                kind=one.kind,
                samples=list(one.samples),
                formats=list(one.times.formats),
                personal=one.is_personal,
                notes=list(one.notes),
                property=found.properties.get(one.name),
            )
            for one in found.columns
        ],
        first_rows=[list(row) for row in found.first_rows],
        recognised=found.recognised,
        notes=list(found.notes),
        mapping=found.mapping,
        trial=msgspec.to_builtins(found.trial),
    )
