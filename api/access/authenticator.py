"""Authentication of every request: an API key or a session with the required scope, within its rate limit."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from litestar.datastructures import State
from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from api.access.browser_session import BrowserSessions, is_safe
from api.access.cors import cross_origin_headers, preflight_headers
from api.access.credentials import (
    KEY_FINDER,
    Credentials,
    KeyFinder,
    key_in,
    read_credentials,
    with_key_in_url,
)
from api.access.scopes import REQUIRED_SCOPE, RequiredScope
from api.access.throttle import RateLimitHeaders, Throttle
from api.http.headers import ResponseHeaders, with_headers
from api.http.problems import ProblemError
from api.transport.client_address import client_address
from domain.instant import Millis
from domain.teams.roles import SCOPES
from engine.access.keys.keyring import Keyring
from engine.access.keys.token import parse_token
from engine.access.principal import Principal
from engine.access.rate_limits import RateLimits, open_rate_limits
from engine.people.session_cache import SessionCache
from engine.runtime import Runtime

__all__ = ["REFUSALS", "AuthContext", "Authenticator", "auth_context_in", "open_auth_context"]

REFUSALS = ("unauthorized", "forbidden", "cross-site", "too-many-requests", "too-many-failures")
"""The codes of requests that are refused here."""

_CHALLENGE = 'Bearer realm="lead-engine"'


@dataclass(frozen=True)
class AuthContext:
    """The keys, sessions and limits that requests are checked against while the application runs."""

    keyring: Keyring
    sessions: SessionCache
    browsers: BrowserSessions
    keys: Throttle
    addresses: Throttle
    failures: Throttle
    sign_ins: Throttle
    accounts: Throttle
    now: Callable[[], Millis]
    refused: Counter[str] = field(default_factory=Counter)
    """Requests refused by this process, by the code of the response."""

    def still_has_rights(self, principal: Principal) -> bool:
        """Whether the key or session of a request that was authenticated earlier is valid and has the same rights."""
        if principal.kind == "key":
            return self.keyring.is_active(principal.id)
        return self.sessions.principal_of(principal.session_id, self.now()) == principal


@contextlib.asynccontextmanager
async def open_auth_context(runtime: Runtime) -> AsyncIterator[AuthContext]:
    """Read keys and sessions, keep them fresh in the background, and connect to the shared rate limits."""
    keyring = Keyring(runtime.access.keys)
    sessions = SessionCache(runtime.people.accounts, runtime.people.sessions)
    async with (
        keyring.kept_current(),
        sessions.kept_fresh(),
        open_rate_limits(runtime.settings) as limits,
    ):
        browsers = BrowserSessions.of(runtime.settings)
        yield auth_context_of(keyring, sessions, browsers, limits, runtime.now)


def auth_context_of(
    keyring: Keyring,
    sessions: SessionCache,
    browsers: BrowserSessions,
    limits: RateLimits,
    now: Callable[[], Millis],
) -> AuthContext:
    """The context with these limits."""
    return AuthContext(
        keyring=keyring,
        sessions=sessions,
        browsers=browsers,
        keys=Throttle(limits.key, "too-many-requests", "This key made too many requests."),
        addresses=Throttle(limits.address, "too-many-requests", "Too many requests came from this address."),
        failures=Throttle(
            limits.failures,
            "too-many-failures",
            "Too many requests from this address came without a valid key or session.",
        ),
        sign_ins=Throttle(
            limits.sign_ins, "too-many-requests", "Too many tried to sign in from this address."
        ),
        accounts=Throttle(limits.accounts, "too-many-requests", "Too many tried to sign in to this account."),
        now=now,
    )


def auth_context_in(state: State) -> AuthContext:
    """The context of the running application."""
    context: AuthContext = state.authenticator.context
    return context


class Authenticator:
    """One for the whole application; its context is set when the application starts."""

    context: AuthContext

    def __call__(self, app: ASGIApp) -> ASGIApp:
        """The handler's application behind authentication (a Litestar middleware, which runs after routing).

        Raises `ProblemError`: 401 without a valid key or session, 403 without the scope or for a cross-site request with
        a session, 429 beyond a limit. A key that is shown decides, whatever cookie comes with it.
        """

        async def authenticated(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == ScopeType.HTTP:
                options = scope["route_handler"].opt
                required: RequiredScope = options.get(REQUIRED_SCOPE, "manage")
                if required != "probe":
                    credentials = read_credentials(scope)
                    finder: KeyFinder | None = options.get(KEY_FINDER)
                    if finder and credentials.credential is None and scope["method"] != "OPTIONS":
                        credentials = await self._find_in_request(finder, scope, receive, credentials)
                    send = with_headers(send, await self._authenticate(scope, required, credentials))
            await app(scope, receive, send)

        return authenticated

    def authenticate_cached(
        self, scope: HTTPScope, credential: bytes, required: RequiredScope
    ) -> RateLimitHeaders | None:
        """Authenticate and count a request without I/O. None, with nothing counted, if that needs a full check.

        Succeeds for a credential that was valid a moment ago, whose tokens this process holds. Not for requests of web
        pages of other origins. The principal is set as the scope's `auth`.
        """
        context = self.context
        at = context.now()
        key = context.keyring.cached(credential, at)
        if key is None or key.origins or required not in key.scopes:
            return None
        quota = context.keys.try_acquire_local(key.id)
        if quota is not None:
            scope["auth"] = key
            context.keyring.record_use(key.id, at)
        return quota

    async def _find_in_request(
        self, finder: KeyFinder, scope: HTTPScope, receive: Receive, credentials: Credentials
    ) -> Credentials:
        """The credentials with the key that the finder finds, counted per address first: reading a body costs something.

        A refusal has the headers that let the page of another origin read it.
        """
        headers: ResponseHeaders = []
        if credentials.origin is not None:
            headers += self._cross_origin("ingest", credentials.origin)
        try:
            await self.context.addresses.acquire(client_address(scope), headers, report=False)
            return await finder(scope, receive, credentials)
        except ProblemError as error:
            self.context.refused[error.code] += 1
            error.headers = [*headers, *(one for one in error.headers if one not in headers)]
            raise

    async def _authenticate(
        self, scope: HTTPScope, required: RequiredScope, credentials: Credentials
    ) -> Sequence[tuple[bytes, bytes]]:
        """Returns the headers that the response gets."""
        if credentials.credential is None and required == "ingest" and scope["query_string"]:
            credentials = with_key_in_url(scope, credentials)
        elif credentials.credential is not None and credentials.origin is None:
            quota = self.authenticate_cached(scope, credentials.credential, required)
            if quota is not None:
                return quota
        return await self._authenticate_in_full(scope, credentials, required)

    async def _authenticate_in_full(
        self, scope: HTTPScope, credentials: Credentials, required: RequiredScope
    ) -> ResponseHeaders:
        headers: ResponseHeaders = []
        try:
            if credentials.origin is not None:
                headers += self._cross_origin(required, credentials.origin)
            if required == "nothing" or scope["method"] == "OPTIONS":
                await self.context.addresses.acquire(client_address(scope), headers)
                if credentials.is_preflight and required != "nothing":
                    headers += _preflight(headers)
            else:
                shown = credentials.credential is not None
                authorized = self._authorized_key if shown else self._authorized_person
                scope["auth"] = await authorized(scope, credentials, required, headers)
        except ProblemError as error:
            self.context.refused[error.code] += 1
            raise
        return headers

    def _cross_origin(self, required: RequiredScope, origin: str) -> ResponseHeaders:
        """CORS headers; only calls that send events are open to web pages of other origins."""
        if required == "ingest" and self.context.keyring.allows_origin(origin):
            return cross_origin_headers(origin)
        return []

    async def _authorized_key(
        self, scope: HTTPScope, credentials: Credentials, required: RequiredScope, headers: ResponseHeaders
    ) -> Principal:
        """The key, counted against its limit. Raises `ProblemError` 403 if it lacks the scope or the origin."""
        context, at = self.context, self.context.now()
        credential = credentials.credential
        key = context.keyring.cached(credential, at) if credential else None
        if key is None:
            key = await self._find_key(scope, credentials, at, headers)
        if key.origins:  # every visitor of the page has this key, so each of them is counted too
            await context.addresses.acquire(client_address(scope), headers, report=False)
        await context.keys.acquire(key.id, headers)
        if required not in key.scopes or not key.allows_origin(credentials.origin):
            raise _forbidden(key, required, headers)
        if credentials.is_in_url and not key.origins:
            detail = (
                "Only the key of a web page may stand in a URL: send this one as a header, and replace it."
            )
            raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, headers)
        context.keyring.record_use(key.id, at)
        return key

    async def _authorized_person(
        self, scope: HTTPScope, credentials: Credentials, required: RequiredScope, headers: ResponseHeaders
    ) -> Principal:
        """The person of the session, counted against the limit. Raises `ProblemError` 403 without the scope.

        A session that this process does not know costs a read of MongoDB, so it counts as a failure first.
        """
        context, at = self.context, self.context.now()
        token = context.browsers.token_in(credentials.cookies)
        found = None
        if token is not None:
            if not is_safe(scope["method"]):
                context.browsers.require_same_origin(scope)
            found = context.sessions.known(token, at)
        if found is None:
            await context.failures.acquire(client_address(scope), headers, report=False)
            found = await context.sessions.find(token, at) if token is not None else None
        if found is None:
            raise _unauthorized(credentials, headers)
        person = found.principal
        await context.keys.acquire(person.id, headers)
        if required != "session" and required not in person.scopes:
            raise _forbidden(person, required, headers)
        return person

    async def _find_key(
        self, scope: HTTPScope, credentials: Credentials, at: Millis, headers: ResponseHeaders
    ) -> Principal:
        """The key of a credential. Raises `ProblemError` 401, or 429 after too many invalid ones from one address.

        A valid one is accepted after any number of invalid ones, so that clients behind one address cannot lock each
        other out. That does not make guessing easier: a key has 256 random bits.
        """
        keyring, raw = self.context.keyring, credentials.credential or b""
        token = parse_token(key_in(raw))
        if token and (key := keyring.authenticate(raw, token, at)):
            return key
        await self.context.failures.acquire(client_address(scope), headers, report=False)
        if token and (key := await keyring.refresh_and_authenticate(raw, token, at)):
            return key
        raise _unauthorized(credentials, headers)


def _forbidden(caller: Principal, required: RequiredScope, headers: ResponseHeaders) -> ProblemError:
    detail = f"This key is for web pages of {', '.join(caller.origins)} only."
    if required == "session":
        detail = "This call is about a person who has signed in; a key is none."
    elif caller.kind == "person":
        detail = f"A {caller.role} may not do this; the call needs {required}."
    elif required not in caller.scopes:
        named = ", ".join(one for one in SCOPES if one in caller.scopes)
        detail = f"This key has the scopes {named}; the call needs {required}."
        challenge = f'{_CHALLENGE}, error="insufficient_scope", scope="{required}"'
        headers.append((b"www-authenticate", challenge.encode()))
    return ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, headers)


def _unauthorized(credentials: Credentials, headers: ResponseHeaders) -> ProblemError:
    challenge, detail = _CHALLENGE, "Send an API key, e.g. Authorization: Bearer le_..."
    if credentials.credential is not None:
        challenge += ', error="invalid_token"'
        detail = "There is no such API key; it may have been revoked, or replaced by a newer one."
    elif credentials.cookies is not None:
        detail = "There is no session, or it has ended: sign in again, or send an API key."
    headers.append((b"www-authenticate", challenge.encode()))
    return ProblemError(HTTPStatus.UNAUTHORIZED, "unauthorized", detail, headers)


def _preflight(headers: ResponseHeaders) -> ResponseHeaders:
    """Headers for a preflight request of an allowed origin. Raises `ProblemError` 403 for any other.

    The response itself, 204, is the one that every call gives to OPTIONS.
    """
    if not any(name == b"access-control-allow-origin" for name, _ in headers):
        detail = "No API key is for sending events from web pages of this origin."
        raise ProblemError(HTTPStatus.FORBIDDEN, "forbidden", detail, [*headers, (b"vary", b"Origin")])
    return preflight_headers()
