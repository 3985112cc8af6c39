"""Routes of due work: one list of all that waits to leave the engine; hold, resume, retry or discard a unit of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.work.views import UnitView, WorkPage, unit_view
from engine.work.listing import list_units
from engine.work.unit import UnitState
from workflows.work.operate import UnitRef, discard_unit, hold_unit, resume_unit, retry_unit

__all__ = ["WORK", "KindName"]

_PATH = "/api/work"
_ONE = f"{_PATH}/{{kind:str}}/{{unit_id:str}}"

KindName = Literal[
    "automation",
    "webhook",
    "routing",
    "first-touch",
    "hand-over",
    "import",
    "message",
    "sequence",
    "campaign",
    "reply",
    "pass-share",
]


class HoldUnit(JsonBody):
    """Why the unit is not attempted for now."""

    because: str = Field(
        min_length=1,
        max_length=500,
        description="For the list and the audit log. It is stored unencrypted: do not name a person.",
    )


class DiscardUnit(JsonBody):
    """Why the unit is given up."""

    why: str = Field(
        min_length=1,
        max_length=500,
        description="For the list. It is stored unencrypted: do not name a person.",
    )


@get(
    _PATH,
    summary="Due work of all kinds, the next due first",
    description="Automation executions and webhook deliveries that are not done: waiting for their time, retrying after "
    "a failed attempt, held, or dead. With `state`, those in that state, `done` too.",
    tags=["Due work"],
    responses=problems(400, 503),
)
async def list_work(
    request: HttpRequest,
    runtime: RuntimeDep,
    kind: Annotated[KindName | None, QueryParameter(description="Only of this kind.")] = None,
    in_state: Annotated[
        UnitState | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[WorkPage]:
    """A page of units."""
    of = f"work {kind} {in_state}"
    stores = {name: store for name, store in runtime.work.stores.items() if kind in (None, name)}
    found = await list_units(stores, state=in_state, after=decode_time_cursor(cursor, of), limit=limit + 1)
    return page_of(
        request,
        found,
        limit,
        of=of,
        keyset=lambda one: (one.unit.due_at, one.unit.unit_id),
        view=unit_view,
    )


@post(
    f"{_ONE}/hold",
    summary="Hold a unit of due work",
    description="It is not attempted until it is resumed.",
    tags=["Due work"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(HoldUnit, {"because": "the contract ended"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def hold(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, kind: PathText, unit_id: PathText
) -> UnitView:
    """The unit, which is held now."""
    body = await read_json_body(request, HoldUnit)
    return unit_view(await hold_unit(runtime, actor, UnitRef(kind, unit_id), body.because))


@post(
    f"{_ONE}/resume",
    summary="Resume a held unit",
    tags=["Due work"],
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 409, 503),
)
async def resume(runtime: RuntimeDep, actor: CurrentActor, kind: PathText, unit_id: PathText) -> UnitView:
    """The unit, which is attempted at its due time, or now if that is over."""
    return unit_view(await resume_unit(runtime, actor, UnitRef(kind, unit_id)))


@post(
    f"{_ONE}/retry",
    summary="Attempt a unit again",
    description="Now, and with all its attempts again: for a unit that is dead, after what it failed at was corrected.",
    tags=["Due work"],
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def retry(runtime: RuntimeDep, actor: CurrentActor, kind: PathText, unit_id: PathText) -> UnitView:
    """The unit, which is due now."""
    return unit_view(await retry_unit(runtime, actor, UnitRef(kind, unit_id)))


@post(
    f"{_ONE}/discard",
    summary="Give up a dead reading of a reply",
    description="For a reply (`kind` `reply`) that cannot be read: it is done, and `heldBecause` says why. Other kinds are not "
    "discarded here; messages are with `POST /api/messages/{messageId}/discard`.",
    tags=["Due work"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(DiscardUnit, {"why": "not a reply, but a log file"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def discard(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, kind: PathText, unit_id: PathText
) -> UnitView:
    """The unit, which is done now."""
    body = await read_json_body(request, DiscardUnit)
    return unit_view(await discard_unit(runtime, actor, UnitRef(kind, unit_id), body.why))


WORK = (list_work, hold, resume, retry, discard)
"""Every call here."""
