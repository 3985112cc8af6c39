"""The web console under /console: the built files, served from memory under a strict content security policy.

The files are made by `make console` and are part of the repository and of the wheel, so users need no node. A page of the
console talks to this server only, by the calls that everybody has.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.response import Stream

from api.http.assets import Asset, asset, serve
from api.http.parameters import HttpRequest, PathText

__all__ = ["CONSOLE", "DIST", "PAGE_HEADERS"]

_PATH = "/console"
DIST = Path(__file__).resolve().parent.parent / "console" / "dist"
"""Beside the packages, in a clone as in an installation."""

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self'; "
    "worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
PAGE_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every response here."""

_HASHED = "assets/"
"""Names in this folder contain a hash of the content, so they never change."""
_FOR_EVER = "public, max-age=31536000, immutable"
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".js": "text/javascript",
    ".md": "text/plain",
    ".svg": "image/svg+xml",
}


async def _any_query(request: HttpRequest) -> None:
    """The query belongs to the page, which reads it in the browser; no call of the API is this lenient."""
    del request


@get(_PATH, include_in_schema=False, before_request=_any_query)
async def open_console(request: HttpRequest) -> Response[bytes] | Stream:
    """The page."""
    return serve(request, _files()["index.html"], PAGE_HEADERS)


@get(f"{_PATH}/{{path:path}}", include_in_schema=False, before_request=_any_query)
async def get_console_file(request: HttpRequest, path: PathText) -> Response[bytes] | Stream:
    """A file, or the page for the address of a screen: the page itself decides what to show there."""
    name = path.lstrip("/")
    file = _files().get(name)
    if name.startswith(_HASHED):
        if file is None:
            raise NotFoundException
        return serve(request, file, {**PAGE_HEADERS, "Cache-Control": _FOR_EVER})
    return serve(request, file or _files()["index.html"], PAGE_HEADERS)


CONSOLE = (open_console, get_console_file)
"""The files, open to everybody; what they show is not."""


@lru_cache(1)
def _files() -> dict[str, Asset]:
    """Every file by its name, read and compressed when the first one is asked for."""
    return {
        file.relative_to(DIST).as_posix(): asset(file.read_bytes(), _MEDIA_TYPES[file.suffix], compress=True)
        for file in sorted(DIST.rglob("*"))
        if file.is_file()
    }
