"""Query parameters that several calls share: moments, page sizes and cursors."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any, TypeVar, get_args
from urllib.parse import quote, urlencode

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, QueryParameter
from litestar.typing import FieldDefinition
from msgspec import Meta

from domain.errors import Fault, Invalid
from domain.instant import Millis, from_datetime
from engine.runtime import Runtime

__all__ = [
    "Cursor",
    "HttpRequest",
    "Limit",
    "Moment",
    "PathText",
    "Position",
    "RuntimeDep",
    "check_query",
    "decode_cursor",
    "encode_cursor",
    "moment",
    "next_cursor",
    "next_link",
    "path_of",
    "query_fields",
]

_EARLIEST: Millis = -62_000_000_000_000
_LATEST: Millis = 253_402_300_799_999
_MAX_PARAMETERS = 20

Limit = Annotated[int, QueryParameter(ge=1, le=200, description="Most items on a page.")]
Cursor = Annotated[
    str | None,
    QueryParameter(max_length=2000, description="Where the page begins: `nextCursor` of the page before."),
]
Moment = Annotated[int, Meta(ge=_EARLIEST, le=_LATEST)]
Position = Annotated[int, Meta(ge=0, le=2**63 - 1)]

PathText = FromPath[str]
"""A part of the path, as it is."""
RuntimeDep = NamedDependency[Runtime]
"""The open runtime: the parameter `runtime` of a handler."""
HttpRequest = Request[Any, Any, State]
"""A request; the engine keeps nothing in its user or session."""

T = TypeVar("T")


def moment(given: str | None, name: str) -> Millis | None:
    """A given moment in milliseconds, of the years 1 to 9999. Raises `Invalid` for anything but RFC 3339."""
    if given is None:
        return None
    with contextlib.suppress(msgspec.ValidationError):
        at = msgspec.convert(given, datetime)
        if at.tzinfo is not None:
            return min(max(from_datetime(at), _EARLIEST), _LATEST)
    detail = "write RFC 3339 with an offset, such as 2026-11-22T12:00:00Z; a plus sign is sent as %2B"
    raise Invalid("Some parameters are wrong.", (Fault(f"?{name}", detail),))


def encode_cursor(of: str, place: tuple[object, ...]) -> str:
    """The place where a page of a list ended, as an opaque word."""
    return base64.urlsafe_b64encode(msgspec.json.encode((of, place))).decode().rstrip("=")


def decode_cursor(cursor: str | None, of: str, kind: type[T]) -> T | None:
    """The place in a cursor. Raises `Invalid` for one that was not made for this list."""
    if cursor is None:
        return None
    with contextlib.suppress(ValueError, msgspec.MsgspecError, RecursionError):
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        made_for, place = msgspec.json.decode(raw, type=tuple[str, msgspec.Raw])
        if made_for == of:
            return msgspec.json.decode(place, type=kind)
    fault = Fault("?cursor", "is not a cursor of this list; leave it out for the first page")
    raise Invalid("Some parameters are wrong.", (fault,))


def path_of(request: HttpRequest) -> str:
    """The path of a request as it stands in a URL."""
    return quote(request.scope["path"])


def next_cursor(
    of: str, found: Sequence[T], limit: int, place: Callable[[T], tuple[object, ...]]
) -> str | None:
    """The cursor of the page after this one, if there is one: then one more was found than the page shows."""
    return encode_cursor(of, place(found[limit - 1])) if len(found) > limit else None


def next_link(request: HttpRequest, cursor: str | None) -> dict[str, str]:
    """The `Link` header to the next page, if there is one."""
    if cursor is None:
        return {}
    query = {**dict(request.query_params), "cursor": cursor}
    return {"Link": f'<{path_of(request)}?{urlencode(query)}>; rel="next"'}


async def check_query(request: HttpRequest) -> None:
    """Refuse parameters that the call does not have or has once: a misspelt filter must not pass for none."""
    if request.query_params and (faults := tuple(_query_faults(request))):
        raise Invalid("Some parameters are wrong.", faults)


def query_fields(request: HttpRequest) -> dict[str, FieldDefinition]:
    """The query parameters of the called handler, by their names in the URL."""
    handler: BaseRouteHandler = request.scope["route_handler"]
    return {
        field.kwarg_definition.name or name: field
        for name, field in handler.parsed_fn_signature.parameters.items()
        if isinstance(field.kwarg_definition, QueryParameter)
    }


def _query_faults(request: HttpRequest) -> Iterator[Fault]:
    known, seen = query_fields(request), set()
    for name, value in islice(request.query_params.multi_items(), _MAX_PARAMETERS):
        if name not in known:
            close = get_close_matches(name[:100], known, n=1)
            guess = f"; did you mean {close[0]}?" if close else ""
            yield Fault(f"?{name}", f"is not a parameter of this call{guess}")
        elif name in seen:
            yield Fault(f"?{name}", "is given more than once")
        elif value.lower() == "null" and str not in get_args(known[name].annotation):
            yield Fault(f"?{name}", "leave it out instead of writing null")
        seen.add(name)
