"""Browser sessions over HTTP: the session cookie, and the refusal of cross-site requests (CSRF) without tokens.

A cookie is sent by every page that a browser shows, so a call that changes something must come from our own origin: the
browser says so in `Sec-Fetch-Site` (Fetch Metadata), or, where that is missing, in `Origin`.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from litestar.types import HTTPScope

from api.http.problems import ProblemError
from engine.people.session_store import LIFE
from engine.settings import Settings

__all__ = ["BrowserSessions", "is_safe"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_MAX_COOKIE_BYTES = 200
_MAX_COOKIES_BYTES = 16 * 1024
"""Size of all cookies of a request; no browser sends more to one host, and anybody may send them."""


def is_safe(method: str) -> bool:
    """Whether requests of this method change nothing (RFC 9110, section 9.2.1)."""
    return method in _SAFE


@dataclass(frozen=True)
class BrowserSessions:
    """The cookie of one console origin.

    On https it is `__Host-le`, which no other host and no plain connection can set. On http, which only `localhost` may
    use, browsers differ over `__Host-` and `Secure`, so the cookie is a plain one; its name has the port, for cookies do
    not distinguish ports.
    """

    origin: str

    @classmethod
    def of(cls, settings: Settings) -> BrowserSessions:
        """The sessions of the console at CONSOLE_ORIGIN, or of http://localhost with PORT."""
        return cls(settings.console_url)

    @property
    def cookie(self) -> str:
        """The name of the cookie."""
        if self._is_secure:
            return "__Host-le"
        return f"lead-engine-{self.origin.rpartition(':')[2].strip('/') or '80'}"

    def started(self, token: str) -> str:
        """The `Set-Cookie` header that gives the browser its token."""
        return self._set(token, LIFE // 1000)

    def ended(self) -> str:
        """The `Set-Cookie` header that takes the token back."""
        return self._set("", 0)

    def token_in(self, cookies: bytes | None) -> str | None:
        """The token in a `Cookie` header, if there is one."""
        if cookies is None or len(cookies) > _MAX_COOKIES_BYTES:
            return None
        for pair in cookies.split(b";"):
            name, _, value = pair.strip().partition(b"=")
            if name == self._cookie_bytes and 0 < len(value) <= _MAX_COOKIE_BYTES:
                return value.decode("latin-1")
        return None

    def require_same_origin(self, scope: HTTPScope) -> None:
        """Raise `ProblemError` 403 unless a page of the console made the request."""
        headers = dict(scope["headers"])
        site = headers.get(b"sec-fetch-site")
        if site is not None:
            if site == b"same-origin":
                return
        elif headers.get(b"origin", b"").decode("latin-1") == self.origin:
            return
        detail = (
            f"Calls with a session must come from {self.origin} (CONSOLE_ORIGIN), "
            "as Sec-Fetch-Site or Origin say; programs use an API key."
        )
        raise ProblemError(HTTPStatus.FORBIDDEN, "cross-site", detail)

    def _set(self, value: str, seconds: int) -> str:
        secure = "; Secure" if self._is_secure else ""
        return f"{self.cookie}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}"

    @property
    def _is_secure(self) -> bool:
        return self.origin.startswith("https://")

    @property
    def _cookie_bytes(self) -> bytes:
        return self.cookie.encode()
