"""The ASGI application in front of the framework: serves plain requests of the ingest routes without it.

Storing an event costs a fraction of what the framework costs. A request that is not plain, or whose key has to be
looked up, goes on to the framework unchanged; its handlers call the same functions, so the responses are the same.
"""

from __future__ import annotations

import re
from asyncio import CancelledError
from collections.abc import Awaitable, Mapping
from typing import NamedTuple

from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.access.authenticator import Authenticator
from api.access.credentials import credential_in
from api.access.throttle import RateLimitHeaders
from api.capture.events import accept_events
from api.capture.route import IngestRoute
from api.http.problems import problem_of
from api.http.request_ids import RequestIds
from api.transport.asgi import read_body, send_problem, send_response
from api.transport.security_headers import SECURITY_HEADERS
from engine.runtime import Runtime

__all__ = ["ROUTES", "CaptureApp"]

ROUTES: Mapping[str, IngestRoute] = {
    "/api/events": accept_events,
}
"""By path. Each is a POST of JSON by a key with the scope `ingest`, and has a handler in the framework too."""

_JSON = b"application/json"
_PLAIN_HOST = re.compile(rb"[0-9A-Za-z.:\[\]-]*")
"""Names and addresses; the framework refuses some of the rest."""

Headers = Mapping[bytes, bytes]


class _Admitted(NamedTuple):
    """A plain request that has been authenticated and counted."""

    route: IngestRoute
    headers: Headers
    rate_limit: RateLimitHeaders


class CaptureApp:
    """The ingest routes, and another application for all other requests. One serves a process.

    `state` holds the `runtime` once the application has started.
    """

    def __init__(
        self, others: ASGIApp, state: State, authenticator: Authenticator, request_ids: RequestIds
    ) -> None:
        self._others = others
        self._state = state
        self._authenticator = authenticator
        self._request_ids = request_ids

    # Not a coroutine: every request passes through here.
    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        if scope["type"] == ScopeType.HTTP and (admitted := self._admit(scope)):
            return self._serve(admitted, scope, receive, send)
        return self._others(scope, receive, send)

    def _admit(self, scope: HTTPScope) -> _Admitted | None:
        """None, with nothing counted, for a request that is not served here."""
        route = ROUTES.get(scope["path"])
        if route is None or scope["method"] != "POST":
            return None
        headers = _plain_headers(scope)
        credential = headers and credential_in(headers)
        if not headers or not credential:
            return None
        rate_limit = self._authenticator.authenticate_cached(scope, credential, "ingest")
        return _Admitted(route, headers, rate_limit) if rate_limit else None

    async def _serve(self, admitted: _Admitted, scope: HTTPScope, receive: Receive, send: Send) -> None:
        route, headers, rate_limit = admitted
        common = (*SECURITY_HEADERS, *rate_limit, self._request_ids.bind(headers.get(b"x-request-id")))
        runtime: Runtime = self._state.runtime
        try:
            body = await read_body(receive, headers)
            if body is None:
                return
            status, response = await route(runtime, body)
        except (Exception, CancelledError) as error:  # noqa: BLE001 - every error becomes a problem here
            problem = problem_of(error, scope)
        else:
            await send_response(send, status, _JSON, common, response)
            return
        await send_problem(send, problem._replace(headers=[*problem.headers, *common]))


def _plain_headers(scope: HTTPScope) -> Headers | None:
    """The headers by name, if a handler would find nothing in the request to refuse before it reads the body."""
    headers = dict(scope["headers"])
    is_plain = (
        not scope["query_string"]
        and headers.get(b"content-type") == _JSON
        and len(headers) == len(scope["headers"])  # type: ignore[arg-type]
        and b"content-encoding" not in headers
        and b"origin" not in headers
        and b"prefer" not in headers
        and b"sent-at" not in headers
        and _PLAIN_HOST.fullmatch(headers.get(b"host", b""))
    )
    return headers if is_plain else None
