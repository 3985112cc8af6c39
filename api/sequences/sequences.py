"""Routes of sequences: list, text, check, activation."""

from __future__ import annotations

from http import HTTPStatus
from typing import Self

from litestar import Response, get, post
from pydantic import Field, model_validator

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, Position, decode_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.rulebooks.views import fault_view
from api.sequences.views import (
    SequenceActivationView,
    SequenceCheckView,
    SequencesPage,
    SequenceTextView,
    sequence_text_view,
    sequence_view,
)
from domain.errors import Invalid, NotFound
from engine.process.text_parser import MAX_TEXT
from engine.runtime import Runtime
from engine.sequences.library import PublishedSequence
from workflows.sequences.activate import activate_sequence, deactivate_sequence

__all__ = ["MANAGE_SEQUENCES", "READ_SEQUENCES"]

_PATH = "/api/sequences"
_TAGS = ["Sequences"]
_MAX_VERSION_DIGITS = 9
_EXAMPLE = "name: mine\nversion: 1\nsteps:\n  - {end: here}\n"


class WriteSequence(JsonBody):
    """A sequence as text."""

    text: str = Field(max_length=MAX_TEXT, description="The sequence in YAML, of which JSON is a part.")


class ActivateSequence(JsonBody):
    """A sequence that was published, by `name` and `version`; or a new one, as `text`."""

    name: str | None = Field(None, max_length=64)
    version: int | None = Field(None, ge=1, lt=10**_MAX_VERSION_DIGITS)
    text: str | None = Field(None, max_length=MAX_TEXT, description="The sequence in YAML.")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.text is None) == (self.name is None) or (self.name is None) != (self.version is None):
            raise ValueError("write either name and version, or text")
        return self


@get(_PATH, summary="Published sequences", tags=_TAGS, responses=problems(400, 503))
async def list_sequences(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[SequencesPage]:
    """Sequences by name, the newest version of each first."""
    after = decode_cursor(cursor, "sequences", tuple[str, Position])
    found = await runtime.sequences.library.page(after, limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="sequences",
        keyset=lambda one: (one.definition.name, one.definition.version),
        view=sequence_view,
    )


@get(
    f"{_PATH}/{{name:str}}/{{version:str}}",
    summary="A sequence as document and as YAML",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_sequence(runtime: RuntimeDep, name: PathText, version: PathText) -> SequenceTextView:
    """The sequence."""
    return sequence_text_view(await _find(runtime, name, version))


@post(
    f"{_PATH}/check",
    summary="Check a sequence without storing it",
    description="Every fault with its line and column, the field, and what to write; up to 100.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(WriteSequence, {"text": _EXAMPLE})),
    responses=problems(400, 413, 415, 503),
)
async def check_sequence(request: HttpRequest, runtime: RuntimeDep) -> SequenceCheckView:
    """Whether it is valid, and its faults."""
    body = await read_json_body(request, WriteSequence)
    try:
        found = await runtime.sequences.parser.parse(body.text)
    except Invalid as error:
        faults = [fault_view(fault) for fault in error.faults]
        return SequenceCheckView(valid=False, name=None, version=None, faults=faults)
    return SequenceCheckView(valid=True, name=found.name, version=found.version, faults=[])


@post(
    f"{_PATH}/activate",
    summary="Make a version of a sequence the one in which leads are enrolled",
    description="What is new is published: its name and version never have other steps again. Leads that are enrolled go "
    "on under the version of their enrolment.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(ActivateSequence, {"text": _EXAMPLE})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_activate_sequence(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor
) -> SequenceActivationView:
    """The label of the active version, and of the one before."""
    body = await read_json_body(request, ActivateSequence)
    if body.text is not None:
        definition, source = await runtime.sequences.parser.parse(body.text), body.text
    else:
        found = await _find(runtime, str(body.name), str(body.version))
        definition, source = found.definition, found.source
    before = await activate_sequence(runtime, actor, definition, source)
    return SequenceActivationView(label=definition.label, before=before)


@post(
    f"{_PATH}/{{name:str}}/deactivate",
    summary="Enrol nobody any more in a sequence",
    description="Leads that are enrolled go on.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 503),
)
async def post_deactivate_sequence(
    runtime: RuntimeDep, actor: CurrentActor, name: PathText
) -> SequenceActivationView:
    """The label of the version that was active."""
    return SequenceActivationView(label=None, before=await deactivate_sequence(runtime, actor, name))


async def _find(runtime: Runtime, name: str, version: str) -> PublishedSequence:
    """The sequence of these parts of a path. Raises `NotFound`, for what is no version too."""
    label = f"{name}@{version}"
    if not (version.isascii() and version.isdecimal() and len(version) <= _MAX_VERSION_DIGITS):
        raise NotFound("sequence", label)
    return await runtime.sequences.library.get(label)


READ_SEQUENCES = (list_sequences, get_sequence)
MANAGE_SEQUENCES = (check_sequence, post_activate_sequence, post_deactivate_sequence)
