"""Routes of sequences: list, text, check, activation."""

from __future__ import annotations

from http import HTTPStatus
from typing import Self

from litestar import Response, get, post
from pydantic import Field, model_validator

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, Position, decode_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.rulebooks.views import ExplanationView, RulebookFaultView, explanation_view, fault_view
from api.sequences.views import (
    MAX_COUNTED,
    EnrolmentCountsView,
    SequenceActivationView,
    SequenceCheckView,
    SequencesPage,
    SequenceTextView,
    TrialCalendarView,
    sequence_text_view,
    sequence_view,
    trial_entry_view,
)
from domain.errors import Conflict, Invalid, NotFound
from domain.sequences.trial import trial_calendar
from engine.process.text_parser import MAX_TEXT
from engine.runtime import Runtime
from engine.sequences.library import PublishedSequence
from workflows.sequences.activate import activate_sequence, deactivate_sequence, require_activatable

__all__ = ["MANAGE_SEQUENCES", "READ_SEQUENCES", "find_sequence"]

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


@get(
    _PATH,
    summary="Published sequences",
    description="With the number of steps, and of leads that are in each version now or were. Numbers are counted up to "
    "10,000, and left out for a person who does not see every lead.",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_sequences(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, limit: Limit = 50, cursor: Cursor = None
) -> Response[SequencesPage]:
    """Sequences by name, the newest version of each first."""
    after = decode_cursor(cursor, "sequences", tuple[str, Position])
    found = await runtime.sequences.library.page(after, limit + 1)
    counts: dict[str, EnrolmentCountsView] = {}
    if visible.owners is None:
        counts = {one.definition.label: await _counts(runtime, one.definition.label) for one in found[:limit]}
    return page_of(
        request,
        found,
        limit,
        of="sequences",
        keyset=lambda one: (one.definition.name, one.definition.version),
        view=lambda one: sequence_view(one, counts.get(one.definition.label)),
    )


async def _counts(runtime: Runtime, label: str) -> EnrolmentCountsView:
    counted = runtime.sequences.enrolments.count_up_to
    active = await counted(MAX_COUNTED, label, active=True)
    return EnrolmentCountsView(active=active, ended=await counted(MAX_COUNTED, label, active=False))


@get(
    f"{_PATH}/{{name:str}}/{{version:str}}",
    summary="A sequence as document and as YAML",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_sequence(runtime: RuntimeDep, name: PathText, version: PathText) -> SequenceTextView:
    """The sequence."""
    return sequence_text_view(await find_sequence(runtime, name, version))


@get(
    f"{_PATH}/{{name:str}}/{{version:str}}/explanation",
    summary="A sequence in words",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def explain_sequence(runtime: RuntimeDep, name: PathText, version: PathText) -> ExplanationView:
    """Each step in words, as `lead-engine sequences explain` prints them."""
    return explanation_view((await find_sequence(runtime, name, version)).definition)


@get(
    f"{_PATH}/{{name:str}}/{{version:str}}/calendar",
    summary="What a lead would get that is enrolled now and does nothing",
    description="Worked out by the code that does it, for a lead of which nothing is known, in the time zone of the sequence.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def get_trial_calendar(runtime: RuntimeDep, name: PathText, version: PathText) -> TrialCalendarView:
    """The calendar."""
    definition = (await find_sequence(runtime, name, version)).definition
    entries = trial_calendar(definition, runtime.now(), None, None)
    return TrialCalendarView(label=definition.label, items=[trial_entry_view(one) for one in entries])


@post(
    f"{_PATH}/explain",
    summary="A sequence that is not stored, in words",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(WriteSequence, {"text": _EXAMPLE})),
    responses=problems(400, 413, 415, 503),
)
async def explain_sequence_text(request: HttpRequest, runtime: RuntimeDep) -> ExplanationView:
    """Each step in words. Refused for a text with faults, which `check` lists with their places."""
    body = await read_json_body(request, WriteSequence)
    return explanation_view(await runtime.sequences.parser.parse(body.text))


@post(
    f"{_PATH}/check",
    summary="Check a sequence without storing it",
    description="Every fault with its line and column, the field, and what to write; up to 100. What activation would "
    "refuse is a fault too: a stage that the active rulebook does not have, or other steps under a published version.",
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
    try:
        await require_activatable(runtime, found)
    except Invalid as error:
        faults = [fault_view(fault) for fault in error.faults]
        return SequenceCheckView(valid=False, name=found.name, version=found.version, faults=faults)
    except Conflict as error:
        fault = RulebookFaultView(line=None, column=None, field="version", detail=str(error))
        return SequenceCheckView(valid=False, name=found.name, version=found.version, faults=[fault])
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
        found = await find_sequence(runtime, str(body.name), str(body.version))
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


async def find_sequence(runtime: Runtime, name: str, version: str) -> PublishedSequence:
    """The sequence of these parts of a path. Raises `NotFound`, for what is no version too."""
    label = f"{name}@{version}"
    if not (version.isascii() and version.isdecimal() and len(version) <= _MAX_VERSION_DIGITS):
        raise NotFound("sequence", label)
    return await runtime.sequences.library.get(label)


READ_SEQUENCES = (list_sequences, get_sequence, explain_sequence, get_trial_calendar)
MANAGE_SEQUENCES = (check_sequence, explain_sequence_text, post_activate_sequence, post_deactivate_sequence)
