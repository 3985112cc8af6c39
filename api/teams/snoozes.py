"""Routes of snoozes: leads that the signed-in person has put off."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from litestar import delete, get, post
from pydantic import AwareDatetime, Field, Strict

from api.access.actor import CurrentPrincipal
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import ProblemError, problems
from api.http.view import View
from api.teams.owners import require_lead
from domain.instant import from_datetime, to_datetime
from engine.access.principal import Principal
from engine.teams.snooze_store import Snooze
from workflows.teams.snooze import snooze_lead, snoozes_of

__all__ = ["SNOOZES", "SnoozeView", "list_snoozes", "snooze_view"]

_ONE = "/api/leads/{lead_id:str}/snooze"
_TAGS = ["Owners"]


class SnoozeLead(JsonBody):
    """When the lead comes back."""

    until: Annotated[AwareDatetime, Strict(False)] = Field(description="A time within the next 366 days.")


class SnoozeView(View, frozen=True):
    """A lead that is out of the caller's queue until then."""

    lead_id: str
    since: datetime
    until: datetime


class SnoozesView(View, frozen=True):
    """The leads that the caller has snoozed, the next to come back first."""

    items: list[SnoozeView]


@post(
    _ONE,
    summary="Snooze a lead",
    description=(
        "The lead leaves the queue of the signed-in person, and of nobody else, until then, or until it writes. Its tasks "
        "stay due when they are. Snoozing again changes the time; a person has at most 500."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(SnoozeLead, {"until": "2026-12-03T09:00:00+01:00"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_snooze_lead(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> SnoozeView:
    """The snooze."""
    body = await read_json_body(request, SnoozeLead)
    await require_lead(runtime, visible, lead_id)
    _require_person(principal)
    return snooze_view(await snooze_lead(runtime, principal.id, lead_id, from_datetime(body.until)))


@delete(
    _ONE,
    summary="End the snooze of a lead",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def delete_snooze_lead(
    runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible, lead_id: PathText
) -> None:
    """Nothing; the lead is back in the queue. The same for a lead that is not snoozed."""
    await require_lead(runtime, visible, lead_id)
    await runtime.teams.snoozes.end(principal.id, lead_id)


@get(
    "/api/me/snoozes",
    summary="The leads that the signed-in person has snoozed",
    tags=["Me"],
    responses=problems(400, 503),
)
async def list_snoozes(runtime: RuntimeDep, principal: CurrentPrincipal, visible: Visible) -> SnoozesView:
    """All of them, without those that the person does not see any more."""
    return SnoozesView(items=[snooze_view(one) for one in await snoozes_of(runtime, principal.id, visible)])


def _require_person(principal: Principal) -> None:
    if principal.kind != "person":
        detail = "A snooze is for a person who has signed in; a key has no queue."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail)


def snooze_view(snooze: Snooze) -> SnoozeView:
    """The snooze."""
    return SnoozeView(
        lead_id=snooze.lead_id, since=to_datetime(snooze.since), until=to_datetime(snooze.until)
    )


SNOOZES = (post_snooze_lead, delete_snooze_lead)
"""Calls about one lead."""
