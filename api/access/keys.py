"""Routes of API keys: create, list, rotate and revoke."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, get, post

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.key_bodies import CreateKey, RotateKey
from api.access.key_views import IssuedKeyView, KeysPage, KeyView, issued_key_view, key_view
from api.access.ownership import require_ownership
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.instant import HOUR
from workflows.access.keys import create_key, revoke_key, rotate_key

__all__ = ["KEYS"]

_PATH = "/api/keys"
_ONE = f"{_PATH}/{{key_id:str}}"
_EXAMPLE = {"name": "website", "scopes": ["ingest"]}


@post(
    _PATH,
    summary="Create an API key",
    description="The key is shown here and never again; only its hash is stored." + PROOF_NOTE,
    tags=["API keys"],
    operation_class=operation_with_body(json_request_body(CreateKey, _EXAMPLE)),
    guards=[needs_recent_proof],
    responses=problems(400, 409, 413, 415, 503),
)
async def create(
    request: HttpRequest, runtime: RuntimeDep, principal: CurrentPrincipal, actor: CurrentActor
) -> IssuedKeyView:
    """A new key, which works at once. Only callers with the scope `own` give it."""
    body = await read_json_body(request, CreateKey)
    if "own" in body.scopes:
        require_ownership(principal, "Only owners give the scope own")
    issued = await create_key(runtime, actor, body.name, body.scopes, body.origins)
    return issued_key_view(issued, runtime.now())


@get(_PATH, summary="API keys, newest first", tags=["API keys"], responses=problems(400, 503))
async def list_keys(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[KeysPage]:
    """A page of keys, revoked ones too, with when they were last used."""
    found = await runtime.access.keys.page(decode_time_cursor(cursor, "API keys"), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of="API keys",
        keyset=lambda one: (one.created_at, one.key_id),
        view=lambda one: key_view(one, runtime.now()),
    )


@get(_ONE, summary="One API key", tags=["API keys"], responses=problems(400, 404, 503))
async def get_key(runtime: RuntimeDep, key_id: PathText) -> KeyView:
    """What the key may do, and when it was last used."""
    return key_view(await runtime.access.keys.get(key_id), runtime.now())


@post(
    f"{_ONE}/rotate",
    summary="Replace an API key by a new one",
    description="The id stays. For some hours, 24 by default, the old key works beside the new one."
    + PROOF_NOTE,
    tags=["API keys"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(RotateKey, {"overlapHours": 24}, required=False)),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    actor: CurrentActor,
    key_id: PathText,
) -> IssuedKeyView:
    """The new key, which is shown here and never again. Only callers with the scope `own` replace one that has it."""
    body = await read_json_body(request, RotateKey, optional=True)
    if "own" in (await runtime.access.keys.get(key_id)).scopes:
        require_ownership(principal, "Only owners replace a key with the scope own")
    issued = await rotate_key(runtime, actor, key_id, round(body.overlap_hours * HOUR))
    return issued_key_view(issued, runtime.now())


@post(
    f"{_ONE}/revoke",
    summary="Revoke an API key",
    description="For good, within seconds in every process. The record stays, because the audit log refers to it.",
    tags=["API keys"],
    status_code=HTTPStatus.OK,
    responses=problems(400, 404, 503),
)
async def revoke(runtime: RuntimeDep, actor: CurrentActor, key_id: PathText) -> KeyView:
    """The revoked key; revoking it again changes nothing."""
    return key_view(await revoke_key(runtime, actor, key_id), runtime.now())


KEYS = (create, list_keys, get_key, rotate, revoke)
"""Every call here."""
