"""Routes of rulebooks: list, text, words, check, activation."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, Position, decode_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.rulebooks.chosen import ChosenRulebook, find_rulebook
from api.rulebooks.views import (
    ActivationView,
    CheckView,
    ExplanationView,
    RulebookEntriesPage,
    RulebookFaultView,
    RulebookTextView,
    check_view,
    entry_view,
    explanation_view,
    fault_view,
    text_view,
)
from domain.errors import Conflict, Invalid
from engine.process.text_parser import MAX_TEXT
from workflows.rulebooks.activate import activate_rulebook

__all__ = ["MANAGE_RULEBOOKS", "READ_RULEBOOKS"]

_PATH = "/api/rulebooks"
_ONE = f"{_PATH}/{{name:str}}/{{version:str}}"
_TAGS = ["Rulebooks"]
_MAX_COUNTED = 10_000


class WriteRulebook(JsonBody):
    """A rulebook as text."""

    text: str = Field(max_length=MAX_TEXT, description="The rulebook in YAML, of which JSON is a part.")


@get(_PATH, summary="Rulebooks, built-in and published", tags=_TAGS, responses=problems(400, 503))
async def list_rulebooks(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[RulebookEntriesPage]:
    """Rulebooks by name, the newest version of each first."""
    after = decode_cursor(cursor, "rulebooks", tuple[str, Position])
    found = await runtime.rulebooks.library.page(after, limit + 1)
    active = runtime.rulebook.label
    return page_of(
        request,
        found,
        limit,
        of="rulebooks",
        keyset=lambda one: (one.name, one.version),
        view=lambda one: entry_view(one, active),
    )


@get(_ONE, summary="A rulebook as document and as YAML", tags=_TAGS, responses=problems(400, 404, 503))
async def get_rulebook(runtime: RuntimeDep, name: PathText, version: PathText) -> RulebookTextView:
    """The rulebook."""
    return text_view(await find_rulebook(runtime, name, version), runtime.rulebook.label)


@get(
    f"{_ONE}/explanation",
    summary="A rulebook in words",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def explain_rulebook(runtime: RuntimeDep, name: PathText, version: PathText) -> ExplanationView:
    """Each rule in words, as `lead-engine rulebook explain` prints them."""
    return explanation_view((await find_rulebook(runtime, name, version)).rulebook)


@post(
    f"{_PATH}/check",
    summary="Check a rulebook without storing it",
    description="Every fault with its line and column, the field, and what to write; up to 100.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(WriteRulebook, {"text": "name: mine\nversion: 1\n"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def check_rulebook(request: HttpRequest, runtime: RuntimeDep) -> CheckView:
    """Whether it is valid, and its faults."""
    body = await read_json_body(request, WriteRulebook)
    try:
        rulebook = await runtime.rulebooks.parser.parse(body.text)
    except Invalid as error:
        return check_view(None, [fault_view(fault) for fault in error.faults])
    points = await runtime.rulebooks.points.parse(body.text)
    try:
        await runtime.rulebooks.library.require_unused(rulebook)
    except Conflict as error:
        fault = RulebookFaultView(line=None, column=None, field="version", detail=str(error))
        return check_view(rulebook, [fault], points)
    return check_view(rulebook, [], points)


@post(
    f"{_PATH}/explain",
    summary="A rulebook that is not stored, in words",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(WriteRulebook, {"text": "name: mine\nversion: 1\n"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def explain_text(request: HttpRequest, runtime: RuntimeDep) -> ExplanationView:
    """Each rule in words. Refused for a text with faults, which `check` lists with their places."""
    body = await read_json_body(request, WriteRulebook)
    return explanation_view(await runtime.rulebooks.parser.parse(body.text))


@post(
    f"{_PATH}/activate",
    summary="Make a rulebook the active one of every process",
    description="What is new is published: its name and version never have other rules again. Automations do not fire, "
    "and leads are rebuilt in the background." + PROOF_NOTE,
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(ChosenRulebook, {"name": "standard", "version": 2})
    ),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def activate(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> ActivationView:
    """The label of the rulebook that is active now, and of the one before."""
    body = await read_json_body(request, ChosenRulebook)
    rulebook, source = await body.read(runtime)
    before = runtime.rulebook.label
    before = await activate_rulebook(runtime, actor, rulebook, source) or before
    left = await runtime.leads.states.count_stale_under(rulebook.label, up_to=_MAX_COUNTED)
    return ActivationView(label=rulebook.label, before=before, leads_to_rebuild=left)


READ_RULEBOOKS = (list_rulebooks, get_rulebook, explain_rulebook)
MANAGE_RULEBOOKS = (check_rulebook, explain_text, activate)
