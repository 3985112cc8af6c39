"""Routes of the signed-in person: profile, password, absence, passkeys, recovery codes and devices."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from http import HTTPStatus
from typing import Any, cast

from litestar import Response, delete, get, patch, post, put
from litestar.datastructures import State

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.authenticator import auth_context_in
from api.access.recent_proof import require_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Page
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.people.bodies import AddPasskey, ChangePassword, ChangeProfile, SetAbsence
from api.people.sign_in import SIGNED_OUT, count_account
from api.people.views import (
    DevicesPage,
    MeView,
    RecoveryCodesView,
    device_view,
    me_view,
)
from domain.errors import Fault, Invalid, NotFound
from domain.events.event import Json
from domain.instant import from_datetime
from engine.people.proofs import Proofs
from workflows.people.accounts import change_password, change_profile, set_absence, sign_out_everywhere
from workflows.people.proofs import add_passkey, new_codes, remove_passkey

__all__ = ["ME"]

_PATH = "/api/me"
_TAGS = ["Me"]
_PASSKEY = {
    "name": "laptop",
    "credential": {"id": "aWQ", "rawId": "aWQ", "type": "public-key", "response": {}},
}


@get(_PATH, summary="The signed-in person", tags=_TAGS, responses=problems(400, 503))
async def get_me(runtime: RuntimeDep, principal: CurrentPrincipal) -> MeView:
    """The account, what the role allows, and what can prove who the person is."""
    return me_view(await runtime.people.accounts.get(principal.id))


@patch(
    _PATH,
    summary="Change name or time zone",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeProfile, {"zone": "Europe/Berlin"})),
    responses=problems(400, 413, 415, 503),
)
async def patch_me(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> MeView:
    """The account after the change."""
    body = await read_json_body(request, ChangeProfile)
    return me_view(await change_profile(runtime, actor, principal.id, name=body.name, zone=body.zone))


@put(
    f"{_PATH}/absence",
    summary="Be away, or back",
    description="While a person is away no leads are routed to the person.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(SetAbsence, {"until": "2026-12-24T12:00:00Z"})),
    responses=problems(400, 413, 415, 503),
)
async def put_absence(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> MeView:
    """The account after the change."""
    body = await read_json_body(request, SetAbsence)
    until = None if body.until is None else from_datetime(body.until)
    return me_view(await set_absence(runtime, actor, principal.id, until))


@put(
    f"{_PATH}/password",
    summary="Change the password",
    description=(
        "Every other session ends. Needs the `current` password, unless the person has signed in within ten minutes."
    ),
    tags=_TAGS,
    operation_class=operation_with_body(
        json_request_body(ChangePassword, {"password": "another long password"})
    ),
    responses=problems(400, 413, 415, 503),
)
async def put_password(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    state: State,
) -> MeView:
    """The account; this session goes on."""
    body = await read_json_body(request, ChangePassword)
    person = await runtime.people.accounts.get(principal.id)
    proofs: Proofs = state.proofs
    if body.current is None:
        await require_recent_proof(runtime, principal)
    else:
        await count_account(state, person.email)
        if not await proofs.passwords.verify(person.password_hash, body.current):
            raise Invalid(
                "The password was not changed.", (Fault("/current", "is not the present password"),)
            )
    changed = await change_password(
        runtime, proofs, actor, principal.id, body.password, keep_session=principal.session_id
    )
    await auth_context_in(state).sessions.refresh()
    return me_view(changed)


@post(
    f"{_PATH}/recovery-codes",
    summary="New recovery codes",
    description="Ten codes, shown this once; earlier ones end. Needs a sign-in within the last ten minutes.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 503),
)
async def post_recovery_codes(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> RecoveryCodesView:
    """The codes."""
    await require_recent_proof(runtime, principal)
    return RecoveryCodesView(codes=await new_codes(runtime, actor, principal.id))


@post(
    f"{_PATH}/passkeys/options",
    summary="Options for a new passkey",
    description="For `PublicKeyCredential.parseCreationOptionsFromJSON`. The challenge is good once, for five minutes.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 503),
)
async def passkey_options(runtime: RuntimeDep, principal: CurrentPrincipal, state: State) -> dict[str, Any]:
    """Options for a passkey of this person and origin."""
    proofs: Proofs = state.proofs
    person = await runtime.people.accounts.get(principal.id)
    return await proofs.passkeys.registration_options(person, runtime.now())


@post(
    f"{_PATH}/passkeys",
    summary="Add a passkey",
    description="Needs a sign-in within the last ten minutes.",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(AddPasskey, _PASSKEY)),
    responses=problems(400, 409, 413, 415, 503),
)
async def post_passkey(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    state: State,
) -> MeView:
    """The account with one more passkey."""
    body = await read_json_body(request, AddPasskey)
    await require_recent_proof(runtime, principal)
    proofs: Proofs = state.proofs
    credential = cast("dict[str, Json]", body.credential.model_dump(by_alias=True))
    passkey = await proofs.passkeys.register(credential, body.name, runtime.now())
    return me_view(await add_passkey(runtime, actor, principal.id, passkey))


@delete(
    f"{_PATH}/passkeys/{{passkey_id:str}}",
    summary="Remove a passkey",
    description="Needs a sign-in within the last ten minutes.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 409, 503),
)
async def delete_passkey(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor, passkey_id: PathText
) -> MeView:
    """The account without it."""
    credential_id = _credential_id(passkey_id)
    person = await runtime.people.accounts.get(principal.id)
    if credential_id not in {one.credential_id for one in person.passkeys}:
        raise NotFound("passkey", passkey_id)
    await require_recent_proof(runtime, principal)
    return me_view(await remove_passkey(runtime, actor, principal.id, credential_id))


@get(
    f"{_PATH}/sessions",
    summary="Browsers in which the person is signed in",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_devices(runtime: RuntimeDep, principal: CurrentPrincipal) -> DevicesPage:
    """Every valid session of the person, newest first, on one page."""
    at = runtime.now()
    sessions = [one for one in await runtime.people.sessions.of_person(principal.id) if one.is_valid(at)]
    return Page(items=[device_view(one, principal.session_id) for one in sessions], next_cursor=None)


@delete(
    f"{_PATH}/sessions/{{session_id:str}}",
    summary="Sign a browser out",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def delete_device(
    runtime: RuntimeDep, principal: CurrentPrincipal, state: State, session_id: PathText
) -> None:
    """Nothing; the session is over, here at once and elsewhere within two seconds."""
    context = auth_context_in(state)
    if not await runtime.people.sessions.end(principal.id, session_id):
        raise NotFound("session", session_id)
    context.sessions.forget(session_id)


@delete(
    f"{_PATH}/sessions",
    summary="Sign out everywhere",
    description="Ends every session of the person, this one too.",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses={204: SIGNED_OUT, **problems(400, 503)},
)
async def delete_devices(
    runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor, state: State
) -> Response[None]:
    """Nothing; the sessions are over, in every process within two seconds."""
    context = auth_context_in(state)
    await sign_out_everywhere(runtime, actor, principal.id)
    await context.sessions.refresh()
    return Response(None, status_code=HTTPStatus.NO_CONTENT, headers={"Set-Cookie": context.browsers.ended()})


def _credential_id(passkey_id: str) -> bytes:
    try:
        return urlsafe_b64decode(passkey_id + "=" * (-len(passkey_id) % 4))
    except (binascii.Error, ValueError):
        raise NotFound("passkey", passkey_id) from None


ME = (
    get_me,
    patch_me,
    put_absence,
    put_password,
    post_recovery_codes,
    passkey_options,
    post_passkey,
    delete_passkey,
    list_devices,
    delete_device,
    delete_devices,
)
"""Every call here; each is about the person who makes it."""
