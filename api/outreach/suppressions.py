"""Routes of the suppression list: who gets no message, in one channel or in any."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import Response, delete, get, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.outreach.views import SuppressionsPage, suppression_view
from workflows.outreach.suppress import Wanted, entries_about, remove_suppression, suppress

__all__ = ["SUPPRESSIONS"]

_PATH = "/api/suppressions"
_TAGS = ["Suppression list"]


class SuppressOne(JsonBody):
    """One recipient: an e-mail address, a phone number in E.164, a LinkedIn profile, or a domain like @example.com."""

    value: str = Field(min_length=3, max_length=320)
    scope: str = Field("all", max_length=40, description="A channel, or all of them.")
    why: str = Field("", max_length=300)


class Suppress(JsonBody):
    """Recipients to suppress, up to 1,000; nobody is if one of them is wrong."""

    entries: list[SuppressOne] = Field(min_length=1, max_length=1000)


class SuppressedView(View, frozen=True):
    """How many of the recipients were not on the list yet."""

    added: int


@get(_PATH, summary="The suppression list, newest first", tags=_TAGS, responses=problems(400, 503))
async def list_suppressions(
    request: HttpRequest,
    runtime: RuntimeDep,
    value: Annotated[
        str | None,
        QueryParameter(
            min_length=3,
            max_length=320,
            description="Only the entries that this address, number or domain meets, in one page.",
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[SuppressionsPage]:
    """A page of entries."""
    of = "suppressions"
    if value is not None:
        return page_of(
            request,
            await entries_about(runtime, value),
            200,
            of=of,
            keyset=lambda one: (one.at, one.entry_id),
            view=suppression_view,
        )
    found = await runtime.outreach.suppressions.page(after=decode_time_cursor(cursor, of), limit=limit + 1)
    return page_of(
        request, found, limit, of=of, keyset=lambda one: (one.at, one.entry_id), view=suppression_view
    )


@post(
    _PATH,
    summary="Suppress recipients",
    description="They get no message from the moment of the answer, not even one that is planned already.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(
        json_request_body(Suppress, {"entries": [{"value": "ada@example.com", "why": "asked by phone"}]})
    ),
    responses=problems(400, 413, 415, 503),
)
async def post_suppressions(request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor) -> SuppressedView:
    """How many are new."""
    body = await read_json_body(request, Suppress)
    wanted = [Wanted(one.value, one.scope, one.why) for one in body.entries]
    return SuppressedView(added=await suppress(runtime, actor, wanted))


@delete(
    f"{_PATH}/{{entry_id:str}}",
    summary="Allow messages to a recipient again",
    description="Only with a reason that would stand before a court: most entries are there because somebody said no.",
    tags=_TAGS,
    status_code=HTTPStatus.NO_CONTENT,
    responses=problems(400, 404, 503),
)
async def delete_suppression(
    runtime: RuntimeDep,
    actor: CurrentActor,
    entry_id: PathText,
    why: Annotated[
        str, QueryParameter(max_length=300, description="The reason, which the audit log keeps.")
    ] = "",
) -> None:
    """Nothing."""
    await remove_suppression(runtime, actor, entry_id, why)


SUPPRESSIONS = (list_suppressions, post_suppressions, delete_suppression)
"""Every call here."""
