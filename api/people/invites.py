"""Routes of invitations: inviting, withdrawing, and accepting, which makes the account and signs it in."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, delete, get, post
from litestar.datastructures import State
from msgspec import structs

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.ownership import require_ownership
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Page
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.people.bodies import AcceptInvite, InvitePerson, OpenInvite
from api.people.sign_in import begin_attempt, browser_of, welcomed
from api.people.views import InvitesPage, InviteView, IssuedInviteView, SessionView, invite_view
from engine.people.proofs import Proofs
from workflows.people.invites import accept_invite, invite, invite_link, withdraw_invite
from workflows.people.sign_in import start_session

__all__ = ["MANAGE_INVITES", "OPEN_INVITES"]

_PATH = "/api/invites"
_TAGS = ["Invitations"]
_TOKEN = "uA3b0pTQeYyV6W1C9nJm2sKfHdXrLzGi5oEw8tR7qBk"  # noqa: S105 - an example


@post(
    _PATH,
    summary="Invite a person",
    description="The link is shown here and never again. It is good for seven days and once; only owners invite owners."
    + PROOF_NOTE,
    tags=_TAGS,
    operation_class=operation_with_body(
        json_request_body(InvitePerson, {"email": "ben@example.com", "role": "rep"})
    ),
    guards=[needs_recent_proof],
    responses=problems(400, 409, 413, 415, 503),
)
async def post_invite(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> IssuedInviteView:
    """The invitation. Earlier ones to the same address end."""
    body = await read_json_body(request, InvitePerson)
    if body.role == "owner":
        require_ownership(principal, "Only owners invite owners")
    issued = await invite(runtime, actor, body.email, body.role)
    link = invite_link(runtime, issued)
    return IssuedInviteView(**structs.asdict(invite_view(issued.invite)), link=link)


@get(_PATH, summary="Invitations that can still be accepted", tags=_TAGS, responses=problems(400, 503))
async def list_invites(runtime: RuntimeDep) -> InvitesPage:
    """Open invitations on one page, without their links."""
    found = await runtime.people.invites.open_ones(runtime.now())
    return Page(items=[invite_view(one) for one in found], next_cursor=None)


@delete(
    f"{_PATH}/{{invite_id:str}}",
    summary="Withdraw an invitation",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def delete_invite(runtime: RuntimeDep, actor: CurrentActor, invite_id: PathText) -> None:
    """Nothing; the link has ended."""
    await withdraw_invite(runtime, actor, invite_id)


@post(
    f"{_PATH}/open",
    summary="What an invitation is for",
    description="The token travels in the body, so that no log of addresses has it.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(OpenInvite, {"token": _TOKEN})),
    responses=problems(400, 404, 413, 415, 503),
)
async def open_invite(request: HttpRequest, runtime: RuntimeDep, state: State) -> InviteView:
    """The invitation; it stays open."""
    await begin_attempt(request, state)
    body = await read_json_body(request, OpenInvite)
    return invite_view(await runtime.people.invites.find(body.token, runtime.now()))


@post(
    f"{_PATH}/accept",
    summary="Accept an invitation",
    description="Makes the account and signs it in. An invitation is accepted once.",
    tags=_TAGS,
    operation_class=operation_with_body(
        json_request_body(AcceptInvite, {"token": _TOKEN, "name": "Ben", "password": "correct horse battery"})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_accept(request: HttpRequest, runtime: RuntimeDep, state: State) -> Response[SessionView]:
    """The session of the new account."""
    await begin_attempt(request, state)
    body = await read_json_body(request, AcceptInvite)
    proofs: Proofs = state.proofs
    person = await accept_invite(runtime, proofs, body.token, body.name, body.password, body.email or "")
    welcome = await start_session(runtime, person, browser_of(request), by="invitation")
    return await welcomed(request, runtime, state, welcome)


MANAGE_INVITES = (post_invite, list_invites, delete_invite)
"""Calls of those who invite."""
OPEN_INVITES = (open_invite, post_accept)
"""Calls of those who are invited, who have no account yet."""
