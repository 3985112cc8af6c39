"""Routes of webhook deliveries: the list with every attempt, a test message, and redelivery."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, post
from litestar.params import QueryParameter

from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.webhooks.views import DeliveriesPage, DeliveryView, delivery_view
from engine.webhooks.delivery import DeliveryState
from workflows.webhooks.redeliver import redeliver, send_test

__all__ = ["WEBHOOK_DELIVERIES"]

_ENDPOINT = "/api/webhook-endpoints/{endpoint_id:str}"


@get(
    f"{_ENDPOINT}/deliveries",
    summary="Deliveries to a webhook endpoint, with every attempt",
    tags=["Webhooks"],
    responses=problems(400, 404, 503),
)
async def list_deliveries(
    request: HttpRequest,
    runtime: RuntimeDep,
    endpoint_id: PathText,
    in_state: Annotated[
        DeliveryState | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DeliveriesPage]:
    """Deliveries, newest first."""
    of = f"deliveries to {endpoint_id}"
    after = decode_time_cursor(cursor, of)
    await runtime.webhooks.endpoints.get(endpoint_id)
    found = await runtime.webhooks.deliveries.page(endpoint_id, state=in_state, after=after, limit=limit + 1)
    return page_of(
        request,
        found,
        limit,
        of=of,
        keyset=lambda one: (one.created_at, one.unit_id),
        view=delivery_view,
    )


@post(
    f"{_ENDPOINT}/test",
    summary="Send a test message",
    description="An ordinary delivery of the event `webhook.test`; the endpoint's deliveries show its outcome.",
    tags=["Webhooks"],
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def test_endpoint(runtime: RuntimeDep, endpoint_id: PathText) -> DeliveryView:
    """The delivery, which is sent now."""
    return delivery_view(await send_test(runtime, endpoint_id))


@post(
    "/api/webhook-deliveries/{delivery_id:str}/replay",
    summary="Redeliver a message",
    description="The same message with the same `webhook-id`, from the beginning of the schedule.",
    tags=["Webhooks"],
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def replay(runtime: RuntimeDep, delivery_id: PathText) -> DeliveryView:
    """The delivery, which is sent now."""
    return delivery_view(await redeliver(runtime, delivery_id))


WEBHOOK_DELIVERIES = (list_deliveries, test_endpoint, replay)
"""Every call here."""
