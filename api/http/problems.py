"""The one builder of error bodies: `application/problem+json` (RFC 9457) with `code`, `message` and faults by pointer."""

from __future__ import annotations

import logging
from asyncio import CancelledError
from collections.abc import Iterable
from functools import partial
from http import HTTPStatus
from typing import NamedTuple
from urllib.parse import quote

import msgspec
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import HTTPScope
from msgspec import UNSET, Struct, UnsetType
from pymongo.errors import PyMongoError

from api.http.headers import ResponseHeaders
from api.http.request_ids import current_request_id
from domain.errors import Blocked, Conflict, Fault, Invalid, NotFound, Unavailable

__all__ = [
    "MEDIA_TYPE",
    "PointedFault",
    "Problem",
    "ProblemError",
    "ProblemResponse",
    "build_problem",
    "problem_of",
    "problems",
]

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"


class PointedFault(Struct, frozen=True):
    """One thing that is wrong: a JSON pointer into the body, or `?name` of a query parameter."""

    pointer: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of every error. `requestId` is the id under which the log names the request."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    message: str
    instance: str
    request_id: str
    errors: tuple[PointedFault, ...] | UnsetType = UNSET


class ProblemError(Exception):
    """A refusal that only HTTP has, such as a wrong media type or a missing key."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str, headers: ResponseHeaders | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = headers or []


class ProblemResponse(NamedTuple):
    """An error response; `headers` lack its type, its length and the request id."""

    status: HTTPStatus
    headers: ResponseHeaders
    body: bytes


def build_problem(
    status: HTTPStatus,
    code: str,
    detail: str,
    *,
    path: str,
    faults: Iterable[Fault] = (),
    headers: ResponseHeaders | None = None,
) -> ProblemResponse:
    """The response to the current request; `path` is decoded, as in an ASGI scope."""
    problem = Problem(
        type=f"urn:lead-engine:problem:{code}",
        title=status.phrase,
        status=status,
        detail=detail,
        code=code,
        message=detail,
        instance=quote(path),
        request_id=current_request_id(),
        errors=tuple(PointedFault(fault.pointer, fault.detail) for fault in faults) or UNSET,
    )
    return ProblemResponse(status, headers or [], msgspec.json.encode(problem))


def problem_of(error: BaseException, scope: HTTPScope) -> ProblemResponse:
    """The response to a request that failed with this error, or was cancelled by shutdown.

    Logs what the client cannot be blamed for.
    """
    if isinstance(error, PyMongoError):
        _log.warning("%s %s: MongoDB is not available: %s", scope["method"], quote(scope["path"]), error)
        error = Unavailable("The store is not available.", retry_after=2)
    elif isinstance(error, CancelledError):
        error = Unavailable("The server is stopping; repeat the request, with the same event ids.")
    build = partial(build_problem, path=scope["path"])
    match error:
        case ProblemError():
            return build(error.status, error.code, error.detail, headers=error.headers)
        case Invalid():
            return build(HTTPStatus.BAD_REQUEST, error.code, error.message, faults=error.faults)
        case NotFound():
            return build(HTTPStatus.NOT_FOUND, error.code, str(error))
        case Conflict() | Blocked():
            status = HTTPStatus.GONE if isinstance(error, Blocked) else HTTPStatus.CONFLICT
            return build(status, error.code, str(error))
        case Unavailable():
            headers = [(b"retry-after", str(error.retry_after).encode())]
            return build(HTTPStatus.SERVICE_UNAVAILABLE, error.code, str(error), headers=headers)
    _log.error("%s %s failed", scope["method"], quote(scope["path"]), exc_info=error)
    detail = "Something went wrong; it has been logged."
    return build(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", detail)


_OF_EVERY_CALL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
"""Responses of the authenticator, before the call itself runs."""


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The errors of a call that needs a key, for the OpenAPI document."""
    return {
        status: ResponseSpec(
            Problem, description=HTTPStatus(status).phrase, media_type=MEDIA_TYPE, generate_examples=False
        )
        for status in sorted({*statuses, *map(int, _OF_EVERY_CALL)})
    }
