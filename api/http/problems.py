"""Every error as `application/problem+json` (RFC 9457), with `code`, `message` and the faults by pointer."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from litestar import Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.types import ExceptionHandlersMap
from msgspec import UNSET, Struct, UnsetType
from pymongo.errors import PyMongoError

from api.http.headers import AnswerHeaders, as_mapping
from api.http.parameters import HttpRequest, path_of, query_fields
from domain.errors import Conflict, Fault, Invalid, LeadEngineError, NotFound, Unavailable
from engine.process.log_context import request_id

__all__ = ["EXCEPTION_HANDLERS", "MEDIA_TYPE", "Problem", "ProblemError", "problems"]

_log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

_GONE = "client disconnected prematurely"
"""What Litestar calls an error of ours: a sender that hangs up. There is nobody left to answer, and nothing to log."""


class PointedFault(Struct, frozen=True):
    """One thing that is wrong: a JSON pointer into the body, or `?name` of a query parameter."""

    pointer: str
    detail: str


class Problem(Struct, frozen=True, kw_only=True, rename="camel"):
    """The body of every error. `requestId` is what the log calls the request."""

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
    """A refusal that only HTTP knows, such as a wrong media type or a missing key."""

    def __init__(
        self, status: HTTPStatus, code: str, detail: str, headers: AnswerHeaders | None = None
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers = headers or []


def _answer(
    request: HttpRequest,
    status: int,
    code: str,
    detail: str,
    faults: tuple[Fault, ...] = (),
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    problem = Problem(
        type=f"urn:lead-engine:problem:{code}",
        title=HTTPStatus(status).phrase,
        status=status,
        detail=detail,
        code=code,
        message=detail,
        instance=path_of(request),
        request_id=request_id.get(),
        errors=tuple(PointedFault(fault.pointer, fault.detail) for fault in faults) or UNSET,
    )
    return Response(msgspec.json.encode(problem), status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _refused(request: HttpRequest, error: ProblemError) -> Response[bytes]:
    return _answer(request, error.status, error.code, error.detail, headers=as_mapping(error.headers))


def _expected(request: HttpRequest, error: LeadEngineError) -> Response[bytes]:
    match error:
        case Invalid():
            return _answer(request, HTTPStatus.BAD_REQUEST, error.code, error.message, error.faults)
        case NotFound():
            return _answer(request, HTTPStatus.NOT_FOUND, error.code, str(error))
        case Conflict():
            return _answer(request, HTTPStatus.CONFLICT, error.code, str(error))
        case Unavailable():
            headers = {"Retry-After": str(error.retry_after)}
            return _answer(request, HTTPStatus.SERVICE_UNAVAILABLE, error.code, str(error), headers=headers)
    return _unexpected(request, error)


def _of_litestar(request: HttpRequest, error: HTTPException) -> Response[bytes]:
    status = error.status_code
    if error.detail == _GONE:
        return _answer(request, HTTPStatus.BAD_REQUEST, "cut-off", "The body ends before its end.")
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _unexpected(request, error)
    if status == HTTPStatus.BAD_REQUEST and isinstance(error.extra, list):
        names = {field.name: name for name, field in query_fields(request).items()}
        faults = tuple(
            Fault(f"?{names.get(fault['key'], fault['key'])}", str(fault["message"])) for fault in error.extra
        )
        return _answer(request, status, "invalid", "Some parameters are wrong.", faults)
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _answer(request, status, "too-large", "The body is too large; send at most 1 MiB at a time.")
    code = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return _answer(request, status, code, error.detail or HTTPStatus(status).phrase, headers=error.headers)


def _of_mongodb(request: HttpRequest, error: PyMongoError) -> Response[bytes]:
    _log.warning("%s %s: MongoDB is not available: %s", request.method, path_of(request), error)
    return _expected(request, Unavailable("The store is not available.", retry_after=2))


def _unexpected(request: HttpRequest, error: Exception) -> Response[bytes]:
    _log.error("%s %s failed", request.method, path_of(request), exc_info=error)
    return _answer(
        request, HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "Something went wrong; it has been logged."
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {
    ProblemError: _refused,
    LeadEngineError: _expected,
    HTTPException: _of_litestar,
    PyMongoError: _of_mongodb,
    Exception: _unexpected,
}


_OF_EVERY_CALL = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS)
"""What the guard may answer before the call itself is asked."""


def problems(*statuses: int) -> dict[int, ResponseSpec]:
    """The errors of a call that needs a key, for the OpenAPI document."""
    return {
        status: ResponseSpec(
            Problem, description=HTTPStatus(status).phrase, media_type=MEDIA_TYPE, generate_examples=False
        )
        for status in sorted({*statuses, *map(int, _OF_EVERY_CALL)})
    }
