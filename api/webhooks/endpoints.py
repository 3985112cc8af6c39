"""Who is told by webhook: endpoints and their secrets."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, delete, get, patch, post
from msgspec import structs

from api.access.actor import CurrentActor
from api.http.json_body import read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import (
    Cursor,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    RuntimeDep,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems
from api.webhooks.bodies import (
    ChangeEndpoint,
    CreateEndpoint,
    RotateSecret,
)
from api.webhooks.views import (
    EndpointAnswer,
    EndpointsPage,
    EndpointWithSecret,
    endpoint_answer,
    endpoint_with_secret,
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
    description="The secret is shown here and never again.",
    tags=["Webhooks"],
    operation_class=operation_with_body(json_request_body(CreateEndpoint, _EXAMPLE)),
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> EndpointWithSecret:
    """A new endpoint, enabled, with its first secret."""
    body = await read_json_body(request, CreateEndpoint, context=runtime.webhooks.guard)
    endpoint = await create_endpoint(runtime, actor, body.url, body.description, body.event_types)
    return endpoint_with_secret(endpoint, runtime.now())


@get(_PATH, summary="Webhook endpoints, newest first", tags=["Webhooks"], responses=problems(400, 503))
async def list_endpoints(
    request: HttpRequest, runtime: RuntimeDep, limit: Limit = 50, cursor: Cursor = None
) -> Response[EndpointsPage]:
    """A page of endpoints, without their secrets."""
    of = "webhook endpoints"
    found = await runtime.webhooks.endpoints.page(decode_cursor(cursor, of, tuple[Moment, str]), limit + 1)
    more = next_cursor(of, found, limit, lambda last: (last.created_at, last.endpoint_id))
    page = EndpointsPage(
        items=[endpoint_answer(one, runtime.now()) for one in found[:limit]], next_cursor=more
    )
    return Response(page, headers=next_link(request, more))


@get(_ONE, summary="One webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def get_endpoint(runtime: RuntimeDep, endpoint_id: PathText) -> EndpointAnswer:
    """The endpoint, without its secrets."""
    return endpoint_answer(await runtime.webhooks.endpoints.get(endpoint_id), runtime.now())


@patch(
    _ONE,
    summary="Change a webhook endpoint",
    tags=["Webhooks"],
    operation_class=operation_with_body(json_request_body(ChangeEndpoint, {"enabled": True})),
    responses=problems(400, 404, 413, 415, 503),
)
async def change(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText
) -> EndpointAnswer:
    """Change what is said and nothing else."""
    body = await read_json_body(request, ChangeEndpoint, context=runtime.webhooks.guard)
    wish = EndpointChange(**body.model_dump(exclude={"enabled"}))
    if body.enabled is True:
        wish = structs.replace(wish, state="enabled", reason=None)
    elif body.enabled is False:
        wish = structs.replace(wish, state="disabled", reason="It was disabled by hand.")
    endpoint = await change_endpoint(runtime, actor, endpoint_id, wish)
    return endpoint_answer(endpoint, runtime.now())


@delete(_ONE, summary="Delete a webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def forget(runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText) -> None:
    """Forget the endpoint and its secrets; messages that wait for it are not sent."""
    await delete_endpoint(runtime, actor, endpoint_id)


@post(
    f"{_ONE}/rotate-secret",
    summary="Give a webhook endpoint a new secret",
    description="For some hours, 24 if nothing is said, messages are signed with the old and the new one.",
    tags=["Webhooks"],
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(RotateSecret, {"overlapHours": 24}, required=False)
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, endpoint_id: PathText
) -> EndpointWithSecret:
    """The endpoint with its new secret, which is shown here and never again."""
    body = await read_json_body(request, RotateSecret, optional=True)
    overlap = round(body.overlap_hours * HOUR)
    endpoint = await rotate_secret(runtime, actor, endpoint_id, overlap)
    return endpoint_with_secret(endpoint, runtime.now())


WEBHOOK_ENDPOINTS = (
    create,
    list_endpoints,
    get_endpoint,
    change,
    forget,
    rotate,
)
"""Every call here."""
