"""Parameters of paths and queries that several calls share, and the refusal of unknown ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime
from difflib import get_close_matches
from itertools import islice
from typing import Annotated, Any, get_args
from urllib.parse import quote

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
    "ANY_QUERY",
    "WRONG_PARAMETERS",
    "HttpRequest",
    "PathText",
    "RuntimeDep",
    "Timestamp",
    "check_query",
    "invalid_parameter",
    "parse_time",
    "path_of",
    "query_fields",
]

_EARLIEST: Millis = -62_000_000_000_000
_LATEST: Millis = 253_402_300_799_999
_MAX_PARAMETERS = 20
_MAX_QUERY_BYTES = 8 * 1024
"""A longer one has thousands of parameters, which take time to tell apart, or a cursor that is none of ours."""

ANY_QUERY = "any_query"
"""Name of the handler option of calls whose clients send parameters that mean nothing here."""

WRONG_PARAMETERS = "Some parameters are wrong."

Timestamp = Annotated[Millis, Meta(ge=_EARLIEST, le=_LATEST)]
"""Milliseconds since 1970, of the years 1 to 9999."""
PathText = FromPath[str]
"""A part of the path, as it is."""
RuntimeDep = NamedDependency[Runtime]
"""The open runtime: the parameter `runtime` of a handler."""
HttpRequest = Request[Any, Any, State]
"""A request; the engine keeps nothing in its user or session."""


def parse_time(given: str | None, name: str) -> Millis | None:
    """The value of this parameter, clamped to the years 1 to 9999. Raises `Invalid` for anything but RFC 3339."""
    if given is None:
        return None
    with contextlib.suppress(msgspec.ValidationError):
        at = msgspec.convert(given, datetime)
        if at.tzinfo is not None:
            return min(max(from_datetime(at), _EARLIEST), _LATEST)
    detail = "write RFC 3339 with an offset, such as 2026-11-22T12:00:00Z; a plus sign is sent as %2B"
    raise invalid_parameter(name, detail)


def invalid_parameter(name: str, detail: str) -> Invalid:
    """The error of one wrong query parameter."""
    return Invalid(WRONG_PARAMETERS, (Fault(f"?{name}", detail),))


def path_of(request: HttpRequest) -> str:
    """The path of a request as it stands in a URL."""
    return quote(request.scope["path"])


async def check_query(request: HttpRequest) -> None:
    """Raises `Invalid` for parameters that the call does not have or that occur twice; `ANY_QUERY` calls ignore them.

    A misspelt filter would otherwise be ignored, and the response would show more than was asked for.
    """
    if len(request.scope["query_string"]) > _MAX_QUERY_BYTES:
        raise Invalid(WRONG_PARAMETERS, (Fault("", f"the query is longer than {_MAX_QUERY_BYTES} bytes"),))
    if request.scope["route_handler"].opt.get(ANY_QUERY):
        return
    if request.query_params and (faults := tuple(_query_faults(request))):
        raise Invalid(WRONG_PARAMETERS, faults)


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
