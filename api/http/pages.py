"""Keyset pagination: a page of a list, an opaque cursor, and a `Link` header to the next page (RFC 8288).

Handlers fetch one row more than the page shows; if there is one, there is a next page.
"""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Sequence
from typing import Annotated, Generic, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Response
from litestar.params import KwargDefinition, QueryParameter
from msgspec import UNSET, Meta, UnsetType

from api.http.parameters import HttpRequest, Timestamp, invalid_parameter, path_of
from api.http.view import View

__all__ = [
    "Cursor",
    "Limit",
    "Page",
    "Position",
    "TimeAndId",
    "Timestamp",
    "component",
    "decode_cursor",
    "decode_time_cursor",
    "encode_cursor",
    "page_of",
]

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Most items on a page.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=4000, description="Where the page begins: `nextCursor` of the page before."),
]

Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]
TimeAndId = tuple[Timestamp, str]
"""The keyset of a list sorted by a time, with the id to break ties."""

R = TypeVar("R")
V = TypeVar("V")
K = TypeVar("K")


class Page(View, Generic[V], frozen=True):
    """Part of a list; `nextCursor` is null on the last page."""

    items: list[V]
    next_cursor: str | None
    lead_id: str | UnsetType = UNSET
    """Of lists of one lead: its id, and the one that was asked for."""
    requested_id: str | UnsetType = UNSET


def component(name: str) -> KwargDefinition:
    """Annotates a generic type with the name that the OpenAPI document gives it."""
    return KwargDefinition(schema_component_key=name)


def page_of(
    request: HttpRequest,
    rows: Sequence[R],
    limit: int,
    *,
    of: str,
    keyset: Callable[[R], tuple[object, ...]],
    view: Callable[[R], V],
    resume: tuple[object, ...] | None = None,
) -> Response[Page[V]]:
    """The page of the first `limit` rows of the list `of`, whose cursors fit no other list.

    `keyset` gives the values that the list is sorted by, as the next page's query needs them; `resume` are those with
    which a list goes on of which not all rows are shown.
    """
    following = keyset(rows[limit - 1]) if len(rows) > limit else resume
    cursor = None if following is None else encode_cursor(of, following)
    state = request.scope["state"]
    page = Page(
        items=[view(row) for row in rows[:limit]],
        next_cursor=cursor,
        lead_id=request.scope["path_params"].get("lead_id", UNSET),
        requested_id=state.get("requested_lead_id", UNSET),
    )
    return Response(page, headers=_next_link(request, cursor))


def decode_time_cursor(cursor: str | None, of: str) -> TimeAndId | None:
    """`decode_cursor` for a list that is sorted by a time and an id."""
    return decode_cursor(cursor, of, tuple[Timestamp, str])


def decode_cursor(cursor: str | None, of: str, kind: type[K]) -> K | None:
    """The keyset in a cursor. Raises `Invalid` for one that was not made for this list."""
    if cursor is None:
        return None
    with contextlib.suppress(ValueError, msgspec.MsgspecError, RecursionError):
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_for, keyset = msgspec.json.decode(raw, type=tuple[str, msgspec.Raw])
        if made_for == of:
            return msgspec.json.decode(keyset, type=kind)
    raise invalid_parameter("cursor", "is not a cursor of this list; leave it out for the first page")


def encode_cursor(of: str, keyset: tuple[object, ...]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode((of, keyset))).decode().rstrip("=")


def _next_link(request: HttpRequest, cursor: str | None) -> dict[str, str]:
    if cursor is None:
        return {}
    query = {**dict(request.query_params), "cursor": cursor}
    return {"Link": f'<{path_of(request)}?{urlencode(query)}>; rel="next"'}
