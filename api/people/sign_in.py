"""Routes of the session: signing in by password, passkey or recovery code, and signing out."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, cast

from litestar import Response, delete, get, post
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec

from api.access.actor import CurrentPrincipal
from api.access.authenticator import auth_context_in
from api.access.credentials import read_credentials
from api.http.headers import ResponseHeaders
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import ProblemError, problems
from api.people.bodies import SignIn, SignInWithPasskey, SignInWithRecoveryCode
from api.people.views import SessionView, session_view
from api.transport.client_address import client_address
from domain.errors import NotFound
from domain.events.event import Json
from engine.people.one_time import secret_hash
from engine.people.person import normal_email
from engine.people.proofs import Proofs
from engine.runtime import Runtime
from workflows.people.sign_in import (
    Browser,
    SignInFailed,
    Welcome,
    sign_in_with_passkey,
    sign_in_with_password,
    sign_in_with_recovery_code,
)

__all__ = [
    "OPEN_SESSION",
    "OWN_SESSION",
    "SIGNED_OUT",
    "begin_attempt",
    "browser_of",
    "count_account",
    "refused_sign_in",
    "welcomed",
]

_PATH = "/api/session"
_TAGS = ["Session"]
_CREDENTIAL = {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": {}}


SIGNED_OUT = ResponseSpec(None, description="Signed out; the cookie is taken back")
"""The description of a response without a body."""


@post(
    f"{_PATH}/password",
    summary="Sign in with a password",
    description="Sets the session cookie. The browser gets a new token, whatever cookie it had.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(SignIn, {"email": "ada@example.com", "password": "correct horse battery"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def sign_in(request: HttpRequest, runtime: RuntimeDep, state: State) -> Response[SessionView]:
    """The session. 401 alike, and after the same time, for an unknown address and a wrong password."""
    await begin_attempt(request, state)
    body = await read_json_body(request, SignIn)
    await count_account(state, body.email)
    proofs: Proofs = state.proofs
    with refused_sign_in():
        welcome = await sign_in_with_password(runtime, proofs, body.email, body.password, browser_of(request))
    return await welcomed(request, runtime, state, welcome)


@post(
    f"{_PATH}/recovery",
    summary="Sign in with a recovery code",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(SignInWithRecoveryCode, {"email": "ada@example.com", "code": "23456789abcd"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def sign_in_by_code(request: HttpRequest, runtime: RuntimeDep, state: State) -> Response[SessionView]:
    """The session; the code has ended."""
    await begin_attempt(request, state)
    body = await read_json_body(request, SignInWithRecoveryCode)
    await count_account(state, body.email)
    with refused_sign_in():
        welcome = await sign_in_with_recovery_code(runtime, body.email, body.code, browser_of(request))
    return await welcomed(request, runtime, state, welcome)


@post(
    f"{_PATH}/passkey/options",
    summary="Options for signing in with a passkey",
    description="For `PublicKeyCredential.parseRequestOptionsFromJSON`. The challenge is good once, for five minutes.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 503),
)
async def passkey_options(request: HttpRequest, runtime: RuntimeDep, state: State) -> dict[str, Any]:
    """Options for any passkey of this origin."""
    await begin_attempt(request, state)
    proofs: Proofs = state.proofs
    return await proofs.passkeys.authentication_options(runtime.now())


@post(
    f"{_PATH}/passkey",
    summary="Sign in with a passkey",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(SignInWithPasskey, {"credential": _CREDENTIAL})),
    responses=problems(400, 413, 415, 503),
)
async def sign_in_by_passkey(
    request: HttpRequest, runtime: RuntimeDep, state: State
) -> Response[SessionView]:
    """The session."""
    await begin_attempt(request, state)
    body = await read_json_body(request, SignInWithPasskey)
    credential = cast("dict[str, Json]", body.credential.model_dump(by_alias=True))
    proofs: Proofs = state.proofs
    with refused_sign_in():
        welcome = await sign_in_with_passkey(runtime, proofs, credential, browser_of(request))
    return await welcomed(request, runtime, state, welcome)


@get(_PATH, summary="The present session", tags=_TAGS, responses=problems(400, 503))
async def present_session(runtime: RuntimeDep, principal: CurrentPrincipal) -> SessionView:
    """The signed-in person, and when the session ends. 404 if it has been ended in this moment."""
    session = await runtime.people.sessions.find(principal.session_id)
    if session is None:
        raise NotFound("session", "of this cookie")
    return session_view(await runtime.people.accounts.get(principal.id), session)


@delete(
    _PATH,
    summary="Sign out",
    description="Ends the session of this browser and takes its cookie back.",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses={204: SIGNED_OUT, **problems(400, 503)},
)
async def sign_out(runtime: RuntimeDep, principal: CurrentPrincipal, state: State) -> Response[None]:
    """Nothing; the session is over, here at once and elsewhere within two seconds."""
    context = auth_context_in(state)
    await runtime.people.sessions.end(principal.id, principal.session_id)
    context.sessions.forget(principal.session_id)
    return Response(None, status_code=HTTPStatus.NO_CONTENT, headers={"Set-Cookie": context.browsers.ended()})


async def begin_attempt(request: HttpRequest, state: State) -> None:
    """Raises `ProblemError`: 403 unless a page of the console asks, 429 after too many attempts of the address."""
    context = auth_context_in(state)
    context.browsers.require_same_origin(request.scope)
    headers: ResponseHeaders = []
    await context.sign_ins.acquire(client_address(request.scope), headers, report=False)


def browser_of(request: HttpRequest) -> Browser:
    """The browser as the list of devices shows it."""
    agent = "".join(c for c in request.headers.get("user-agent", "") if c.isprintable())
    return Browser(agent or "unknown", client_address(request.scope))


async def welcomed(
    request: HttpRequest, runtime: Runtime, state: State, welcome: Welcome
) -> Response[SessionView]:
    """The response that gives the browser its new token. A session that it had before ends."""
    context = auth_context_in(state)
    session = welcome.issued.session
    context.sessions.add(session, welcome.person)
    before = context.browsers.token_in(read_credentials(request.scope).cookies)
    if before is not None and (old := await context.sessions.find(before, runtime.now())):
        await runtime.people.sessions.end(old.person.person_id, old.session.session_id)
        context.sessions.forget(old.session.session_id)
    return Response(
        session_view(welcome.person, session),
        headers={"Set-Cookie": context.browsers.started(welcome.issued.token), "Cache-Control": "no-store"},
    )


@contextlib.contextmanager
def refused_sign_in() -> Iterator[None]:
    """A context in which a failed sign-in becomes a 401."""
    try:
        yield
    except SignInFailed as error:
        challenge = (b"www-authenticate", b'Session realm="lead-engine"')
        detail = "The address or the proof is not right."
        raise ProblemError(HTTPStatus.UNAUTHORIZED, error.code, detail, [challenge]) from None


async def count_account(state: State, email: str) -> None:
    """Raises `ProblemError` 429 after too many attempts to prove to be the holder of this address."""
    context = auth_context_in(state)
    headers: ResponseHeaders = []
    await context.accounts.acquire(secret_hash(normal_email(email)), headers, report=False)


OPEN_SESSION = (sign_in, sign_in_by_code, passkey_options, sign_in_by_passkey)
"""Calls that need no session, because they begin one."""
OWN_SESSION = (present_session, sign_out)
"""Calls about the session that makes them."""
