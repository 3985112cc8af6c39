"""Routes of webhook endpoints and their signing secrets."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, delete, get, patch, post
from msgspec import structs

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.webhooks.bodies import (
    ChangeEndpoint,
    CreateEndpoint,
    RotateSecret,
)
from api.webhooks.views import (
    EndpointsPage,
    EndpointView,
    EndpointWithSecretView,
    endpoint_view,
    endpoint_with_secret_view,
)
from domain.instant import HOUR
from engine.webhooks.endpoint_store import EndpointChange
from workflows.webhooks.endpoints import change_endpoint, create_endpoint, delete_endpoint, rotate_secret

__all__ = ["WEBHOOK_ENDPOINTS"]

_PATH = "/api/webhook-endpoints"
_ONE = f"{_PATH}/{{endpoint_id:str}}"
_EXAMPLE = {"url": "https://example.com/hooks", "eventTypes": ["lead.*"]}


@post(
    _PATH,
    summary="Create a webhook endpoint",
    description="The secret is shown here and never again." + PROOF_NOTE,
    tags=["Webhooks"],
    operation_class=operation_with_body(json_request_body(CreateEndpoint, _EXAMPLE)),
    guards=[needs_recent_proof],
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> EndpointWithSecretView:
    """A new endpoint, enabled, with its first secret."""
    body = await read_json_body(request, CreateEndpoint, context=runtime.webhooks.egress_policy)
    endpoint = await create_endpoint(runtime, actor, body.url, body.description, body.event_types)
    return endpoint_with_secret_view(endpoint, runtime.now())


@get(_PATH, summary="Webhook endpoints, newest first", tags=["Webhooks"], responses=problems(400, 503))
async def list_endpoints(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[EndpointsPage]:
    """A page of endpoints, without their secrets."""
    of = "webhook endpoints"
    found = await runtime.webhooks.endpoints.page(decode_time_cursor(cursor, of), limit + 1)
    return page_of(
        request,
        found,
        limit,
        of=of,
        keyset=lambda one: (one.created_at, one.endpoint_id),
        view=lambda one: endpoint_view(one, runtime.now()),
    )


@get(_ONE, summary="One webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def get_endpoint(runtime: RuntimeDep, endpoint_id: PathText) -> EndpointView:
    """The endpoint, without its secrets."""
    return endpoint_view(await runtime.webhooks.endpoints.get(endpoint_id), runtime.now())


@patch(
    _ONE,
    summary="Change a webhook endpoint",
    description=PROOF_NOTE.strip(),
    tags=["Webhooks"],
    operation_class=operation_with_body(json_request_body(ChangeEndpoint, {"enabled": True})),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 413, 415, 503),
)
async def change(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText
) -> EndpointView:
    """Change the given fields and no others."""
    body = await read_json_body(request, ChangeEndpoint, context=runtime.webhooks.egress_policy)
    wish = EndpointChange(**body.model_dump(exclude={"enabled"}))
    if body.enabled is True:
        wish = structs.replace(wish, state="enabled", reason=None)
    elif body.enabled is False:
        wish = structs.replace(wish, state="disabled", reason="It was disabled by hand.")
    endpoint = await change_endpoint(runtime, actor, endpoint_id, wish)
    return endpoint_view(endpoint, runtime.now())


@delete(_ONE, summary="Delete a webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def forget(runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText) -> None:
    """Delete the endpoint and its secrets; its pending messages are not sent."""
    await delete_endpoint(runtime, actor, endpoint_id)


@post(
    f"{_ONE}/rotate-secret",
    summary="Give a webhook endpoint a new secret",
    description="For some hours, 24 by default, messages are signed with both the old and the new one."
    + PROOF_NOTE,
    tags=["Webhooks"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(RotateSecret, {"overlapHours": 24}, required=False)
    ),
    guards=[needs_recent_proof],
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText
) -> EndpointWithSecretView:
    """The endpoint with its new secret, which is shown here and never again."""
    body = await read_json_body(request, RotateSecret, optional=True)
    overlap = round(body.overlap_hours * HOUR)
    endpoint = await rotate_secret(runtime, actor, endpoint_id, overlap)
    return endpoint_with_secret_view(endpoint, runtime.now())


WEBHOOK_ENDPOINTS = (
    create,
    list_endpoints,
    get_endpoint,
    change,
    forget,
    rotate,
)
"""Every call here."""
