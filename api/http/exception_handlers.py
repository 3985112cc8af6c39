"""Litestar's exception handlers: each error becomes the problem that `api.http.problems` builds."""

from __future__ import annotations

from http import HTTPStatus

from litestar import Response
from litestar.exceptions import HTTPException
from litestar.types import ExceptionHandlersMap

from api.http.bodies import too_large
from api.http.headers import as_mapping, as_pairs
from api.http.parameters import WRONG_PARAMETERS, HttpRequest, query_fields
from api.http.problems import MEDIA_TYPE, ProblemResponse, build_problem, problem_of
from domain.errors import Fault

__all__ = ["EXCEPTION_HANDLERS"]

_DISCONNECTED = "client disconnected prematurely"
"""Litestar's detail for a client that hangs up within its body. Nobody is left to answer, and nothing is logged."""


def _respond(request: HttpRequest, error: Exception) -> Response[bytes]:
    return _response(problem_of(error, request.scope))


def _respond_to_litestar(request: HttpRequest, error: HTTPException) -> Response[bytes]:
    """Litestar's own refusals, in our words where it has none of its own."""
    path, status = request.scope["path"], HTTPStatus(error.status_code)
    if error.detail == _DISCONNECTED:
        detail = "The body ends before its end."
        return _response(build_problem(HTTPStatus.BAD_REQUEST, "cut-off", detail, path=path))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _respond(request, error)
    if status == HTTPStatus.BAD_REQUEST and isinstance(error.extra, list):
        faults = _parameter_faults(request, error.extra)
        return _response(build_problem(status, "invalid", WRONG_PARAMETERS, path=path, faults=faults))
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        return _response(problem_of(too_large(), request.scope))
    code = status.phrase.lower().replace(" ", "-")
    headers = as_pairs(error.headers or {})
    return _response(build_problem(status, code, error.detail or status.phrase, path=path, headers=headers))


def _parameter_faults(request: HttpRequest, faults: list[dict[str, str]]) -> list[Fault]:
    """Litestar names the parameters of the handler; clients know those of the URL."""
    names = {field.name: name for name, field in query_fields(request).items()}
    return [Fault(f"?{names.get(one['key'], one['key'])}", str(one["message"])) for one in faults]


def _response(problem: ProblemResponse) -> Response[bytes]:
    return Response(
        problem.body, status_code=problem.status, media_type=MEDIA_TYPE, headers=as_mapping(problem.headers)
    )


EXCEPTION_HANDLERS: ExceptionHandlersMap = {HTTPException: _respond_to_litestar, Exception: _respond}
