"""Routes of the endpoints that take webhooks of providers."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from litestar import delete, get, patch, post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View, optional_datetime
from domain.hooks.providers import PROVIDERS, ProviderName
from domain.instant import HOUR, Millis, to_datetime
from engine.access.rotating_secret import last_expiry
from engine.hooks.endpoint import HookEndpoint
from engine.runtime import Runtime
from workflows.hooks.endpoints import change_hook, create_hook, delete_hook, rotate_hook_secret

__all__ = ["HOOK_ENDPOINTS"]

_PATH = "/api/hooks"
_ONE = f"{_PATH}/{{hook_id:str}}"
_TAGS = ["Webhooks in"]

_Secret = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=1000,
        description="As the provider shows it. Left out for postmark and sendgrid-inbound, which sign nothing: one is made.",
    ),
]
_Description = Annotated[str, Field(max_length=500, description="For you.")]


class CreateHook(JsonBody):
    """A new endpoint."""

    provider: ProviderName
    secret: _Secret = None
    description: _Description = ""


class ChangeHook(JsonBody):
    """The fields to change; those that are left out stay as they are."""

    description: _Description | None = None
    enabled: bool | None = None


class RotateHookSecret(JsonBody):
    """Another secret, and how long the old one is good beside it."""

    secret: _Secret = None
    overlap_hours: float = Field(24.0, ge=0, le=168, description="Hours for which both are good.")


class HookProblemView(View, frozen=True):
    """An event that could not be taken, by the id that it would have had, and why."""

    at: datetime
    event_id: str
    type: str
    reason: str


class HookView(View, frozen=True):
    """An endpoint. `url` is what the provider is to be given; `verifyToken` is for Meta.

    `refused` counts events that could not be taken; `problems` are the last twenty of them.
    """

    id: str
    provider: str
    url: str
    description: str
    enabled: bool
    verify_token: str | None
    created_at: datetime
    old_secrets_expire_at: datetime | None
    refused: int
    problems: list[HookProblemView]


class HookWithSecretView(HookView, frozen=True):
    """An endpoint whose secret was made here, and is shown this once; null if it is the provider's."""

    secret: str | None


class HooksView(View, frozen=True):
    """All endpoints, newest first."""

    items: list[HookView]


@post(
    _PATH,
    summary="Create an endpoint for webhooks of a provider",
    description="The secret is stored encrypted. One that is made here is shown in this answer and never again."
    + PROOF_NOTE,
    tags=_TAGS,
    guards=[needs_recent_proof],
    operation_class=operation_with_body(
        json_request_body(CreateHook, {"provider": "calendly", "secret": "the signing key"})
    ),
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> HookWithSecretView:
    """A new endpoint, enabled."""
    body = await read_json_body(request, CreateHook)
    endpoint = await create_hook(runtime, actor, body.provider, body.description, body.secret)
    return _with_secret(runtime, request, endpoint, made=body.secret is None)


@get(
    _PATH,
    summary="Endpoints for webhooks of providers, newest first",
    tags=_TAGS,
    responses=problems(400, 503),
)
async def list_hooks(request: HttpRequest, runtime: RuntimeDep) -> HooksView:
    """All of them, without their secrets."""
    found = await runtime.hooks.endpoints.all()
    return HooksView(items=[HookView(**_facts(runtime, request, one)) for one in found])


@get(_ONE, summary="One endpoint for webhooks", tags=_TAGS, responses=problems(400, 404, 503))
async def get_hook(request: HttpRequest, runtime: RuntimeDep, hook_id: PathText) -> HookView:
    """The endpoint, without its secrets."""
    return HookView(**_facts(runtime, request, await runtime.hooks.endpoints.get(hook_id)))


@patch(
    _ONE,
    summary="Change an endpoint for webhooks",
    tags=_TAGS,
    operation_class=operation_with_body(json_request_body(ChangeHook, {"enabled": True})),
    responses=problems(400, 404, 413, 415, 503),
)
async def change(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, hook_id: PathText
) -> HookView:
    """The endpoint after the change. Requests to a disabled one are answered with 404."""
    body = await read_json_body(request, ChangeHook)
    endpoint = await change_hook(runtime, actor, hook_id, description=body.description, enabled=body.enabled)
    return HookView(**_facts(runtime, request, endpoint))


@post(
    f"{_ONE}/rotate-secret",
    summary="Give an endpoint for webhooks another secret",
    description="The old one is good beside it for some hours." + PROOF_NOTE,
    tags=_TAGS,
    guards=[needs_recent_proof],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(RotateHookSecret, {"overlapHours": 24})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, hook_id: PathText
) -> HookWithSecretView:
    """The endpoint with its new secret."""
    body = await read_json_body(request, RotateHookSecret)
    overlap = round(body.overlap_hours * HOUR)
    endpoint = await rotate_hook_secret(runtime, actor, hook_id, body.secret, overlap)
    return _with_secret(runtime, request, endpoint, made=body.secret is None)


@delete(_ONE, summary="Delete an endpoint for webhooks", tags=_TAGS, responses=problems(400, 404, 503))
async def forget(runtime: RuntimeDep, actor: CurrentActor, hook_id: PathText) -> None:
    """Forget the endpoint and its secrets. What it took stays."""
    await delete_hook(runtime, actor, hook_id)


def _with_secret(
    runtime: Runtime, request: HttpRequest, endpoint: HookEndpoint, *, made: bool
) -> HookWithSecretView:
    is_shared = PROVIDERS[endpoint.provider].is_shared
    secret = endpoint.secrets[0].value if made and is_shared else None
    return HookWithSecretView(**_facts(runtime, request, endpoint), secret=secret)


def _facts(runtime: Runtime, request: HttpRequest, endpoint: HookEndpoint) -> dict[str, Any]:
    base = runtime.settings.public_base_url or str(request.base_url).rstrip("/")
    now: Millis = runtime.now()
    return {
        "id": endpoint.endpoint_id,
        "provider": endpoint.provider,
        "url": f"{base}/v1/hooks/{endpoint.provider}/{endpoint.endpoint_id}",
        "description": endpoint.description,
        "enabled": endpoint.enabled,
        "verify_token": endpoint.verify_token if endpoint.provider == "meta" else None,
        "created_at": to_datetime(endpoint.created_at),
        "old_secrets_expire_at": optional_datetime(last_expiry(endpoint.secrets, now)),
        "refused": endpoint.refused,
        "problems": [
            HookProblemView(at=to_datetime(one.at), event_id=one.event_id, type=one.type, reason=one.reason)
            for one in endpoint.problems
        ],
    }


HOOK_ENDPOINTS = (create, list_hooks, get_hook, change, rotate, forget)
"""Every call here."""
