"""Who is told by webhook: endpoints and their secrets."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response, delete, get, patch, post
from msgspec import structs

from api.access.actor import CurrentActor
from api.http.bodies import decode_body, decode_optional_body, require_json
from api.http.parameters import (
    Cursor,
    Engine,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems
from api.webhooks.bodies import (
    ChangeEndpoint,
    ChangeEndpointOperation,
    CreateEndpoint,
    CreateEndpointOperation,
    RotateSecret,
    RotateSecretOperation,
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


@post(
    _PATH,
    summary="Create a webhook endpoint",
    description="The secret is shown here and never again.",
    tags=["Webhooks"],
    operation_class=CreateEndpointOperation,
    responses=problems(400, 409, 413, 415, 503),
)
async def create(request: HttpRequest, runtime: Engine, who: CurrentActor) -> EndpointWithSecret:
    """A new endpoint, enabled, with its first secret."""
    require_json(request)
    wanted = decode_body(await request.body(), CreateEndpoint, {"url": runtime.webhooks.guard.check})
    endpoint = await create_endpoint(runtime, who, wanted.url, wanted.description, wanted.event_types)
    return endpoint_with_secret(endpoint, runtime.now())


@get(_PATH, summary="Webhook endpoints, newest first", tags=["Webhooks"], responses=problems(400, 503))
async def list_endpoints(
    request: HttpRequest, runtime: Engine, limit: Limit = 50, cursor: Cursor = None
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
async def change(
    request: HttpRequest, runtime: Engine, who: CurrentActor, endpoint_id: PathText
) -> EndpointAnswer:
    """Change what is said and nothing else."""
    require_json(request)
    wanted = decode_body(await request.body(), ChangeEndpoint, {"url": runtime.webhooks.guard.check})
    wish = EndpointChange(url=wanted.url, description=wanted.description, event_types=wanted.event_types)
    if wanted.enabled is True:
        wish = structs.replace(wish, state="enabled", reason=None)
    elif wanted.enabled is False:
        wish = structs.replace(wish, state="disabled", reason="It was disabled by hand.")
    endpoint = await change_endpoint(runtime, who, endpoint_id, wish)
    return endpoint_answer(endpoint, runtime.now())


@delete(_ONE, summary="Delete a webhook endpoint", tags=["Webhooks"], responses=problems(400, 404, 503))
async def forget(runtime: Engine, who: CurrentActor, endpoint_id: PathText) -> None:
    """Forget the endpoint and its secrets; messages that wait for it are not sent."""
    await delete_endpoint(runtime, who, endpoint_id)


@post(
    f"{_ONE}/rotate-secret",
    summary="Give a webhook endpoint a new secret",
    description="For some hours, 24 if nothing is said, messages are signed with the old and the new one.",
    tags=["Webhooks"],
    status_code=HTTPStatus.OK,
    operation_class=RotateSecretOperation,
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def rotate(
    request: HttpRequest, runtime: Engine, who: CurrentActor, endpoint_id: PathText
) -> EndpointWithSecret:
    """The endpoint with its new secret, which is shown here and never again."""
    wanted = await decode_optional_body(request, RotateSecret)
    overlap = round(wanted.overlap_hours * HOUR)
    endpoint = await rotate_secret(runtime, who, endpoint_id, overlap)
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
