"""Routes of accounts: list, roles, deactivation, absence and sign-out of members of the workspace."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post, put
from litestar.datastructures import State

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.authenticator import auth_context_in
from api.access.ownership import require_ownership
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import ProblemError, problems
from api.people.bodies import ChangeRole, DeactivatePerson, SetAbsence, SetTeam
from api.people.views import PeoplePage, PersonView, person_view
from domain.instant import from_datetime
from engine.access.principal import Principal
from engine.runtime import Runtime
from workflows.people.accounts import (
    LeadsNeedChoice,
    change_role,
    deactivate,
    reactivate,
    set_absence,
    set_team,
    sign_out_everywhere,
)

__all__ = ["MANAGE_PEOPLE", "READ_PEOPLE"]

_PATH = "/api/people"
_ONE = f"{_PATH}/{{person_id:str}}"
_TAGS = ["People"]
_CHOOSE = (
    "The person has open leads or tasks. Say what becomes of them: `leads` with `to`, one of person (with ownerId), routing, "
    "nobody and stay. Nothing was changed."
)


@get(_PATH, summary="Members of the workspace, newest first", tags=_TAGS, responses=problems(400, 503))
async def list_people(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[PeoplePage]:
    """A page of accounts, inactive ones too."""
    found = await runtime.people.accounts.page(decode_time_cursor(cursor, "people"), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="people",
        keyset=lambda one: (one.created_at, one.person_id),
        view=person_view,
    )


@get(_ONE, summary="One member of the workspace", tags=_TAGS, responses=problems(400, 404, 503))
async def get_person(runtime: RuntimeDep, person_id: PathText) -> PersonView:
    """The account."""
    return person_view(await runtime.people.accounts.get(person_id))


@put(
    f"{_ONE}/role",
    summary="Give a person another role",
    description="All sessions of the person end. Only owners make and unmake owners, and the last one stays."
    + PROOF_NOTE,
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeRole, {"role": "rep"})),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def put_role(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    state: State,
    person_id: PathText,
) -> PersonView:
    """The account with the new role."""
    body = await read_json_body(request, ChangeRole)
    await _require_right_over(runtime, principal, person_id, becomes=body.role)
    person = await change_role(runtime, actor, person_id, body.role)
    await _refresh(state)
    return person_view(person)


@post(
    f"{_ONE}/deactivate",
    summary="End a person's access",
    description=(
        "All sessions of the person end. The account stays, because history refers to it. Of a person who has open leads or "
        "tasks, `leads` must say what becomes of them; else 409 `leads-need-choice`, and nothing has changed."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(DeactivatePerson, {"leads": {"to": "routing"}}, required=False)
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_deactivate(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    state: State,
    person_id: PathText,
) -> PersonView:
    """The inactive account; doing so again changes nothing. The leads are handed over in the background."""
    body = await read_json_body(request, DeactivatePerson, optional=True)
    await _require_right_over(runtime, principal, person_id)
    try:
        person = await deactivate(
            runtime, actor, person_id, None if body.leads is None else body.leads.choice()
        )
    except LeadsNeedChoice:
        raise ProblemError(HTTPStatus.CONFLICT, "leads-need-choice", _CHOOSE) from None
    await _refresh(state)
    return person_view(person)


@post(
    f"{_ONE}/reactivate",
    summary="Give a person access again",
    description=PROOF_NOTE.strip(),
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 503),
)
async def post_reactivate(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor, person_id: PathText
) -> PersonView:
    """The active account, with the proofs that it had."""
    await _require_right_over(runtime, principal, person_id)
    return person_view(await reactivate(runtime, actor, person_id))


@post(
    f"{_ONE}/sign-out",
    summary="Sign a person out everywhere",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 503),
)
async def post_sign_out(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor, state: State, person_id: PathText
) -> PersonView:
    """The account, without any session."""
    await _require_right_over(runtime, principal, person_id)
    await sign_out_everywhere(runtime, actor, person_id)
    await _refresh(state)
    return person_view(await runtime.people.accounts.get(person_id))


@put(
    f"{_ONE}/absence",
    summary="Say that a person is away, or back",
    description="While a person is away no leads are routed to the person.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(SetAbsence, {"until": "2026-12-24T12:00:00Z"})),
    responses=problems(400, 404, 413, 415, 503),
)
async def put_absence(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, person_id: PathText
) -> PersonView:
    """The account after the change."""
    body = await read_json_body(request, SetAbsence)
    until = None if body.until is None else from_datetime(body.until)
    return person_view(await set_absence(runtime, actor, person_id, until))


@put(
    f"{_ONE}/team",
    summary="Put a person into a team",
    description="Teams decide whose leads people see (LEAD_VISIBILITY). Within two seconds in every process.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(SetTeam, {"team": "North", "leads": False})),
    responses=problems(400, 404, 413, 415, 503),
)
async def put_team(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, state: State, person_id: PathText
) -> PersonView:
    """The account after the change."""
    body = await read_json_body(request, SetTeam)
    person = await set_team(runtime, actor, person_id, body.team or "", leads=body.leads)
    await _refresh(state)
    return person_view(person)


async def _require_right_over(
    runtime: Runtime, principal: Principal, person_id: str, *, becomes: str = ""
) -> None:
    """Raise `ProblemError` 403 if the change concerns an owner and the caller may not decide over owners."""
    person = await runtime.people.accounts.get(person_id)
    if "owner" in (person.role, becomes):
        require_ownership(principal, "Only owners decide over owners")


async def _refresh(state: State) -> None:
    """Let the change hold in this process at once; the others follow within two seconds."""
    context = auth_context_in(state)
    await context.sessions.refresh()


READ_PEOPLE = (list_people, get_person)
"""Calls that only show accounts."""
MANAGE_PEOPLE = (put_role, post_deactivate, post_reactivate, post_sign_out, put_absence, put_team)
"""Calls that change accounts of others."""
