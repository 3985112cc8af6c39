"""Stands before every call: lets in who has a key with the scope that the call needs, and says who it is."""

from __future__ import annotations

import contextlib
import math
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from api.access import NEED, Need
from api.credentials import Credentials, address_of, read_credentials
from api.cross_origin import cross_origin_headers, preflight_headers
from api.problems import ProblemError
from domain.instant import Millis
from engine.keys.key import ApiKey
from engine.keys.keyring import Keyring
from engine.keys.token import parse_token
from engine.rate_limits.local_buckets import LocalBuckets
from engine.rate_limits.policy import Policy
from engine.runtime import Runtime

__all__ = ["Doors", "Guard", "open_doors"]

_REALM = 'Bearer realm="lead-engine"'
_MINUTE = 60.0


@dataclass(frozen=True)
class Doors:
    """What the guard works with while the application is open."""

    keyring: Keyring
    failures: LocalBuckets
    now: Callable[[], Millis]


@contextlib.asynccontextmanager
async def open_doors(runtime: Runtime) -> AsyncIterator[Doors]:
    """Read the keys and keep them fresh."""
    keyring, often = Keyring(runtime.keys), runtime.settings.auth_failures_per_minute
    async with keyring.kept_fresh():
        yield Doors(keyring, LocalBuckets(Policy("failures", often / _MINUTE, often)), runtime.now)


class Guard(ASGIMiddleware):
    """One for the whole application; its doors are opened when the application starts."""

    scopes = (ScopeType.HTTP,)
    doors: Doors

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Let the request through, or raise `ProblemError`: 401 without a key, 403 with one that may not, or 429."""
        assert scope["type"] == ScopeType.HTTP
        need: Need = scope["route_handler"].opt.get(NEED, "manage")
        shown = read_credentials(scope)
        headers = self._cross_origin(need, shown)
        if shown.asks_first and need != "nothing":
            await _allow(send, shown, headers)
        elif need == "nothing" or scope["method"] == "OPTIONS":
            await next_app(scope, receive, send)
        else:
            scope["auth"] = await self._let_in(scope, shown, need, headers)
            await next_app(scope, receive, _adding(headers, send))

    def _cross_origin(self, need: Need, shown: Credentials) -> dict[str, str]:
        """What a browser is told: only calls that send events are for web pages of other origins."""
        if need == "ingest" and shown.origin is not None and self.doors.keyring.allows(shown.origin):
            return cross_origin_headers(shown.origin)
        return {}

    async def _let_in(
        self, scope: HTTPScope, shown: Credentials, need: Need, headers: Mapping[str, str]
    ) -> ApiKey:
        key = await self._key_of(scope, shown, headers)
        if need not in key.scopes:
            detail = f"This key has the scopes {', '.join(key.scopes)}; the call needs {need}."
            lacks = f'{_REALM}, error="insufficient_scope", scope="{need}"'
            raise ProblemError(
                HTTPStatus.FORBIDDEN, "forbidden", detail, {**headers, "WWW-Authenticate": lacks}
            )
        if not key.opens_to(shown.origin):
            detail = f"This key is for web pages of {', '.join(key.origins)} only."
            raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, headers)
        self.doors.keyring.used(key, self.doors.now())
        return key

    async def _key_of(self, scope: HTTPScope, shown: Credentials, headers: Mapping[str, str]) -> ApiKey:
        """The key that is shown. Wrong ones are counted by address; a right one is let in however many were wrong.

        So nobody is locked out by what others do behind the same address. That helps nobody to guess: a key has 256
        random bits.
        """
        keyring, at = self.doors.keyring, self.doors.now()
        token = parse_token(shown.key) if shown.key else None
        if token and (key := keyring.known(token, at)):
            return key
        lease = self.doors.failures.lease(address_of(scope))
        if not lease.granted:
            detail = "Too many requests from this address came without a valid key."
            wait = {"Retry-After": str(math.ceil(lease.wait))}
            raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too-many-failures", detail, {**headers, **wait})
        if token and (key := await keyring.find(token, at)):
            return key
        raise _unauthorized(shown, headers)


def _unauthorized(shown: Credentials, headers: Mapping[str, str]) -> ProblemError:
    if shown.key is None:
        detail, challenge = "Show an API key, e.g. Authorization: Bearer le_...", _REALM
    else:
        detail = "There is no such API key; it may have been revoked, or replaced by a newer one."
        challenge = f'{_REALM}, error="invalid_token"'
    return ProblemError(
        HTTPStatus.UNAUTHORIZED, "unauthorized", detail, {**headers, "WWW-Authenticate": challenge}
    )


async def _allow(send: Send, shown: Credentials, headers: Mapping[str, str]) -> None:
    """Answer a browser that asks whether a page may call."""
    if not headers or shown.origin is None:
        detail = "No API key is for sending events from web pages of this origin."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, {"Vary": "Origin"})
    given = _raw(preflight_headers(shown.origin))
    await send({"type": "http.response.start", "status": HTTPStatus.NO_CONTENT, "headers": given})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def _adding(headers: Mapping[str, str], send: Send) -> Send:
    """A `send` that puts these headers on the answer."""
    if not headers:
        return send
    extra = _raw(headers)

    async def send_more(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return send_more


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
