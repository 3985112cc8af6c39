"""Query parameters that several calls share: moments, page sizes and cursors."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

import msgspec
from litestar import Request
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter, ParameterKwarg

from domain.errors import Fault, Invalid
from domain.instant import Millis, from_datetime

__all__ = [
    "Cursor",
    "HttpRequest",
    "Limit",
    "decode_cursor",
    "encode_cursor",
    "moment",
    "next_link",
    "query_names",
    "refuse_unknown",
]

Limit = Annotated[int, Parameter(ge=1, le=200, description="Most items on a page.")]
Cursor = Annotated[
    str | None,
    Parameter(max_length=1000, description="Where the page begins: `nextCursor` of the page before."),
]
_EARLIEST = -62_000_000_000_000

HttpRequest = Request[Any, Any, State]
"""A request; the engine keeps nothing in its user or session."""

T = TypeVar("T")


def moment(given: datetime | None, name: str) -> Millis | None:
    """A given moment in milliseconds. Raises `Invalid` for one without an offset."""
    if given is None:
        return None
    if given.tzinfo is None:
        raise Invalid(
            "Some parameters are wrong.", (Fault(f"?{name}", "write an offset, such as Z or %2B02:00"),)
        )
    return max(from_datetime(given), _EARLIEST)


def encode_cursor(place: tuple[object, ...]) -> str:
    """The place where a page ended, as an opaque word."""
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def decode_cursor(cursor: str | None, kind: type[T]) -> T | None:
    """The place in a cursor. Raises `Invalid` for one that this call did not make."""
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return msgspec.json.decode(raw, type=kind)
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        fault = Fault("?cursor", "is not a cursor of this list; leave it out for the first page")
        raise Invalid("Some parameters are wrong.", (fault,)) from None


def next_link(request: HttpRequest, cursor: str | None) -> dict[str, str]:
    """The `Link` header to the next page, if there is one."""
    if cursor is None:
        return {}
    query = {**dict(request.query_params), "cursor": cursor}
    return {"Link": f'<{request.url.path}?{urlencode(query)}>; rel="next"'}


async def refuse_unknown(request: HttpRequest) -> None:
    """Refuse query parameters that the call does not have: a misspelt filter must not pass for none."""
    if not request.query_params:
        return
    known = set(query_names(request).values())
    faults = tuple(
        Fault(f"?{name}", f"is not a parameter of this call{_guess(name, known)}")
        for name in request.query_params
        if name not in known
    )
    if faults:
        raise Invalid("Some parameters are unknown.", faults)


def query_names(request: HttpRequest) -> dict[str, str]:
    """The parameters of the called handler: their names in Python and in the URL."""
    handler: BaseRouteHandler = request.scope["route_handler"]
    return {
        name: field.kwarg_definition.query
        if isinstance(field.kwarg_definition, ParameterKwarg) and field.kwarg_definition.query
        else name
        for name, field in handler.parsed_fn_signature.parameters.items()
    }


def _guess(name: str, known: set[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
