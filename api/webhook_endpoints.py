"""Who is told by webhook: endpoints and their secrets."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, delete, get, patch, post
from msgspec import structs

from api.json_body import decode_body, decode_optional_body, require_json
from api.parameters import (
    Cursor,
    Engine,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    decode_cursor,
    encode_cursor,
    next_link,
)
from api.problems import problems
from api.webhook_bodies import (
    ChangeEndpoint,
    ChangeEndpointOperation,
    CreateEndpoint,
    CreateEndpointOperation,
    RotateSecret,
    RotateSecretOperation,
)
from api.webhook_views import (
    EndpointAnswer,
    EndpointsPage,
    EndpointWithSecret,
    endpoint_answer,
    endpoint_with_secret,
)
from domain.instant import HOUR
from engine.webhooks.endpoint_store import EndpointChange

__all__ = ["WEBHOOK_ENDPOINTS"]

_PATH = "/api/webhook-endpoints"
_ONE = f"{_PATH}/{{endpoint_id:str}}"


@post(
    _PATH,
    summary="Create a webhook endpoint",
    description="The secret is shown here and never again.",
    tags=["Webhooks"],
    operation_class=CreateEndpointOperation,
    responses=problems(400, 409, 413, 415, 503),
)
async def create_endpoint(request: HttpRequest, runtime: Engine) -> EndpointWithSecret:
    """A new endpoint, enabled, with its first secret."""
    require_json(request)
    webhooks = runtime.webhooks
    wanted = decode_body(await request.body(), CreateEndpoint, {"url": webhooks.guard.check})
    endpoint = await webhooks.endpoints.add(wanted.url, wanted.description, wanted.event_types, runtime.now())
    return endpoint_with_secret(endpoint, runtime.now())


@get(_PATH, summary="Webhook endpoints, newest first", tags=["Webhooks"], responses=problems(400, 503))
async def list_endpoints(
    request: HttpRequest, runtime: Engine, limit: Limit = 50, cursor: Cursor = None
) -> Response[EndpointsPage]:
    """A page of endpoints, without their secrets."""
    of = "webhook endpoints"
    found = await runtime.webhooks.endpoints.page(decode_cursor(cursor, of, tuple[Moment, str]), limit + 1)
    last = found[limit - 1] if len(found) > limit else None
    more = encode_cursor(of, (last.created_at, last.endpoint_id)) if last else None
    page = EndpointsPage(
        items=[endpoint_answer(one, runtime.now()) for one in found[:limit]], next_cursor=more
    )
    return Response(page, headers=next_link(request, more))


@get(_ONE, summary="One webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def get_endpoint(runtime: Engine, endpoint_id: PathText) -> EndpointAnswer:
    """The endpoint, without its secrets."""
    return endpoint_answer(await runtime.webhooks.endpoints.get(endpoint_id), runtime.now())


@patch(
    _ONE,
    summary="Change a webhook endpoint",
    tags=["Webhooks"],
    operation_class=ChangeEndpointOperation,
    responses=problems(400, 404, 413, 415, 503),
)
async def change_endpoint(request: HttpRequest, runtime: Engine, endpoint_id: PathText) -> EndpointAnswer:
    """Change what is said and nothing else."""
    require_json(request)
    webhooks = runtime.webhooks
    wanted = decode_body(await request.body(), ChangeEndpoint, {"url": webhooks.guard.check})
    change = EndpointChange(url=wanted.url, description=wanted.description, event_types=wanted.event_types)
    if wanted.enabled is True:
        change = structs.replace(change, state="enabled", reason=None)
    elif wanted.enabled is False:
        change = structs.replace(change, state="disabled", reason="It was disabled by hand.")
    endpoint = await webhooks.endpoints.change(endpoint_id, change)
    return endpoint_answer(endpoint, runtime.now())


@delete(_ONE, summary="Delete a webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def delete_endpoint(runtime: Engine, endpoint_id: PathText) -> None:
    """Forget the endpoint and its secrets; messages that wait for it are not sent."""
    await runtime.webhooks.endpoints.delete(endpoint_id)


@post(
    f"{_ONE}/rotate-secret",
    summary="Give a webhook endpoint a new secret",
    description="For some hours, 24 if nothing is said, messages are signed with the old and the new one.",
    tags=["Webhooks"],
    status_code=HTTPStatus.OK,
    operation_class=RotateSecretOperation,
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate_secret(request: HttpRequest, runtime: Engine, endpoint_id: PathText) -> EndpointWithSecret:
    """The endpoint with its new secret, which is shown here and never again."""
    wanted = await decode_optional_body(request, RotateSecret)
    overlap = round(wanted.overlap_hours * HOUR)
    endpoint = await runtime.webhooks.endpoints.rotate(endpoint_id, runtime.now(), overlap)
    return endpoint_with_secret(endpoint, runtime.now())


WEBHOOK_ENDPOINTS = (
    create_endpoint,
    list_endpoints,
    get_endpoint,
    change_endpoint,
    delete_endpoint,
    rotate_secret,
)
"""Every call here."""
