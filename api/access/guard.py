"""Stands before every call: lets in who has a key with the scope that the call needs, and says who it is."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.access.cors import cross_origin_headers, preflight_headers
from api.access.credentials import Credentials, address_of, key_in, read_credentials
from api.access.scopes import NEED, Need
from api.access.throttle import Throttle, Told
from api.http.headers import AnswerHeaders, adding
from api.http.problems import ProblemError
from domain.instant import Millis
from engine.access.keys.key import ApiKey
from engine.access.keys.keyring import Keyring
from engine.access.keys.token import parse_token
from engine.access.rate_limits import RateLimits, open_rate_limits
from engine.runtime import Runtime

__all__ = ["AUTHENTICATED", "REFUSALS", "AuthContext", "Authenticator", "open_auth_context"]

AUTHENTICATED = "let_in"
"""Where a scope says that its request was let in already, and what its answer tells of the limit."""

REFUSALS = ("unauthorized", "forbidden", "too-many-requests", "too-many-failures")
"""The codes with which requests are turned away at the door."""

_CHALLENGE = 'Bearer realm="lead-engine"'


@dataclass(frozen=True)
class AuthContext:
    """What the guard works with while the application is open."""

    keyring: Keyring
    keys: Throttle
    addresses: Throttle
    failures: Throttle
    now: Callable[[], Millis]
    refused: Counter[str] = field(default_factory=Counter)
    """How many requests were turned away, by the code of the answer."""


@contextlib.asynccontextmanager
async def open_auth_context(runtime: Runtime) -> AsyncIterator[AuthContext]:
    """Read the keys and keep them fresh, and begin to count."""
    keyring = Keyring(runtime.access.keys)
    async with keyring.kept_fresh(), open_rate_limits(runtime.settings) as limits:
        yield auth_context_of(keyring, limits, runtime.now)


def auth_context_of(keyring: Keyring, limits: RateLimits, now: Callable[[], Millis]) -> AuthContext:
    """The doors with these limits."""
    return AuthContext(
        keyring=keyring,
        keys=Throttle(limits.key, "too-many-requests", "This key made too many requests."),
        addresses=Throttle(limits.address, "too-many-requests", "Too many requests came from this address."),
        failures=Throttle(
            limits.failures,
            "too-many-failures",
            "Too many requests from this address came without a valid key.",
        ),
        now=now,
    )


class Authenticator:
    """One for the whole application; its doors are opened when the application starts."""

    doors: AuthContext

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The application's call behind this guard (a Litestar middleware, which is asked after routing).

        It raises `ProblemError`: 401 without a key, 403 with one that may not, or 429.
        """

        async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                need: Need = scope["route_handler"].opt.get(NEED, "manage")
                if need != "probe":
                    send = adding(await self._told(scope, need), send)
            await app(scope, receive, send)

        return guarded

    async def _told(self, scope: HTTPScope, need: Need) -> Sequence[tuple[bytes, bytes]]:
        """Let in who may come in. Returns what the answer tells."""
        told: Told | None = scope.get(AUTHENTICATED)  # type: ignore[assignment]
        if told is not None:
            return told
        shown = read_credentials(scope)
        if shown.shown is not None and shown.origin is None:
            told = self.authenticate_cached(scope, shown.shown, need)
        return told or await self._check(scope, shown, need)

    def authenticate_cached(self, scope: HTTPScope, shown: bytes, need: Need) -> Told | None:
        """Let in who was let in a moment ago, without waiting for anything. None if that takes a closer look.

        Nearly every request goes this way, so that the door costs little. It is not for requests of web pages of other
        origins. Returns what the answer tells of the limit.
        """
        doors = self.doors
        at = doors.now()
        key = doors.keyring.remembered(shown, at)
        if key is None or key.origins or need not in key.scopes:
            return None
        told = doors.keys.count_held(key.key_id)
        if told is not None:
            scope["auth"] = key
            doors.keyring.used(key, at)
        return told

    async def _check(self, scope: HTTPScope, shown: Credentials, need: Need) -> AnswerHeaders:
        """Let in who may come in. Returns what the answer tells."""
        headers: AnswerHeaders = []
        try:
            if shown.origin is not None:
                headers += self._cross_origin(need, shown.origin)
            if need == "nothing" or scope["method"] == "OPTIONS":
                await self.doors.addresses.count(address_of(scope), headers)
                if shown.asks_first and need != "nothing":
                    headers += _allowed(headers)
            else:
                scope["auth"] = await self._let_in(scope, shown, need, headers)
        except ProblemError as error:
            self.doors.refused[error.code] += 1
            raise
        return headers

    def _cross_origin(self, need: Need, origin: str) -> AnswerHeaders:
        """What a browser is told: only calls that send events are for web pages of other origins."""
        return cross_origin_headers(origin) if need == "ingest" and self.doors.keyring.allows(origin) else []

    async def _let_in(
        self, scope: HTTPScope, shown: Credentials, need: Need, headers: AnswerHeaders
    ) -> ApiKey:
        doors, at = self.doors, self.doors.now()
        key = doors.keyring.remembered(shown.shown, at) if shown.shown else None
        if key is None:
            key = await self._open(scope, shown, at, headers)
        if key.origins:  # everybody who opens the page has this key, so each of them is counted too
            await doors.addresses.count(address_of(scope), headers, tell=False)
        await doors.keys.count(key.key_id, headers)
        if need not in key.scopes or not key.opens_to(shown.origin):
            raise _forbidden(key, need, headers)
        doors.keyring.used(key, at)
        return key

    async def _open(self, scope: HTTPScope, shown: Credentials, at: Millis, headers: AnswerHeaders) -> ApiKey:
        """The key that is shown. Raises `ProblemError` 401, or 429 after too many wrong ones from the same address.

        A right one is let in however many were wrong, so that nobody is locked out by what others do behind the same
        address. That helps nobody to guess: a key has 256 random bits.
        """
        keyring, raw = self.doors.keyring, shown.shown or b""
        token = parse_token(key_in(raw))
        if token and (key := keyring.open(raw, token, at)):
            return key
        await self.doors.failures.count(address_of(scope), headers, tell=False)
        if token and (key := await keyring.look_and_open(raw, token, at)):
            return key
        raise _unauthorized(shown, headers)


def _forbidden(key: ApiKey, need: Need, headers: AnswerHeaders) -> ProblemError:
    detail = f"This key is for web pages of {', '.join(key.origins)} only."
    if need not in key.scopes:
        detail = f"This key has the scopes {', '.join(key.scopes)}; the call needs {need}."
        lacks = f'{_CHALLENGE}, error="insufficient_scope", scope="{need}"'
        headers.append((b"www-authenticate", lacks.encode()))
    return ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, headers)


def _unauthorized(shown: Credentials, headers: AnswerHeaders) -> ProblemError:
    challenge, detail = _CHALLENGE, "Show an API key, e.g. Authorization: Bearer le_..."
    if shown.shown is not None:
        challenge += ', error="invalid_token"'
        detail = "There is no such API key; it may have been revoked, or replaced by a newer one."
    headers.append((b"www-authenticate", challenge.encode()))
    return ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, headers)


def _allowed(headers: AnswerHeaders) -> AnswerHeaders:
    """What a browser is told that asks whether a page may call. Raises `ProblemError` 403 if it may not.

    The answer itself, 204, is the one that every call gives to OPTIONS.
    """
    if not any(name == b"access-control-allow-origin" for name, _ in headers):
        detail = "No API key is for sending events from web pages of this origin."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, [*headers, (b"vary", b"Origin")])
    return preflight_headers()
