"""The OpenAPI document, and Swagger UI at /docs with its scripts served by us instead of the internet.

All of it is open to everybody, so each response is made once and costs what a 404 costs, but for the bytes of a file.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import msgspec
from litestar import Litestar, MediaType, Response, Router, get
from litestar.enums import OpenAPIMediaType
from litestar.exceptions import NotFoundException
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.response import Redirect, Stream

from api.access.scopes import REQUIRED_SCOPE, SECURITY_SCHEMES
from api.http.assets import Asset, asset, serve
from api.http.parameters import HttpRequest, PathText

__all__ = ["DOCUMENTATION", "openapi_config", "prepare_document"]

_CONSOLE = "/console"
_DOCS = "/docs"
_DOCUMENT = "/openapi.json"
_ASSETS = f"{_DOCS}/assets"
_PACKAGE = "mkdocs_swagger_ui_tag"
"""Carries the files of Swagger UI; nothing of it is imported."""
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content security policy of the page: scripts and calls to this server only. Swagger UI writes styles into its elements."""

_PAGE = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Lead engine</title>
<link rel="icon" href="{_ASSETS}/icon.svg">
<link rel="stylesheet" href="{_ASSETS}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<script src="{_ASSETS}/swagger-ui-bundle.js"></script>
<script src="{_ASSETS}/start.js"></script>
</body>
</html>
"""
_START = f"""SwaggerUIBundle({{
  url: "{_DOCUMENT}",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
}});
"""
_ICON = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="7" fill="#2a6"/></svg>
"""


_OURS = {
    "start.js": asset(_START.encode(), "text/javascript"),
    "icon.svg": asset(_ICON.encode(), "image/svg+xml"),
}
_SWAGGER_UI = {
    "swagger-ui-bundle.js": ("javascripts", "text/javascript"),
    "swagger-ui.css": ("stylesheets", "text/css"),
}
"""The files of Swagger UI that the page loads, and nothing else of its package."""


@get("/", include_in_schema=False)
async def open_server(request: HttpRequest) -> Redirect:
    """The console, for a person who opens the server's address in a browser; the documentation for programs."""
    wants_page = "text/html" in request.headers.get("accept", "")
    return Redirect(_CONSOLE if wants_page else _DOCS, headers={"Vary": "Accept"})


@get(_DOCUMENT, include_in_schema=False)
async def get_openapi(request: HttpRequest) -> Response[bytes] | Stream:
    """The OpenAPI document."""
    return serve(request, _document(request.app))


@get(f"{_ASSETS}/{{name:str}}", include_in_schema=False)
async def get_asset(request: HttpRequest, name: PathText) -> Response[bytes] | Stream:
    """A file that the page loads."""
    found = _OURS.get(name)
    if found is None and name in _SWAGGER_UI:
        found = _swagger_ui(name)
    if found is None:
        raise NotFoundException
    return serve(request, found)


DOCUMENTATION = (open_server, get_openapi, get_asset)
"""Every route here but those of the framework's router for the page."""


class _Page(OpenAPIRenderPlugin):
    """Swagger UI."""

    def render(self, request: HttpRequest, openapi_schema: dict[str, Any]) -> bytes:
        """The page, which loads the document by itself."""
        del request, openapi_schema
        return _PAGE.encode()


class _Document(OpenAPIRenderPlugin):
    """The document at the address that the framework gives it."""

    def render(self, request: HttpRequest, openapi_schema: dict[str, Any]) -> bytes:
        """What /openapi.json serves."""
        del openapi_schema
        return _document(request.app).content


def openapi_config() -> OpenAPIConfig:
    """The page at /docs, and what the OpenAPI document says of the whole."""
    headers = {"Content-Security-Policy": _POLICY, "Cache-Control": "no-cache"}
    return OpenAPIConfig(
        title="Lead engine",
        version=version("lead-engine"),
        description="Events in; score, stage, velocity, risk and next action out, each explained.",
        components=SECURITY_SCHEMES,
        openapi_router=Router(
            _DOCS,
            route_handlers=[],
            opt={REQUIRED_SCOPE: "nothing"},
            include_in_schema=False,
            response_headers=headers,
        ),
        render_plugins=[
            _Page(path="/", media_type=MediaType.HTML),
            _Document(path="/openapi.json", media_type=OpenAPIMediaType.OPENAPI_JSON),
        ],
    )


def prepare_document(app: Litestar) -> None:
    """Make the document before somebody asks for it: that takes a second, in which nothing else would be answered."""
    _document(app)


@lru_cache(1)
def _document(app: Litestar) -> Asset:
    """The document with its paths in order: the framework has those of one handler in another order in each process."""
    document = app.openapi_schema.to_schema()
    document["paths"] = dict(sorted(document["paths"].items()))
    return asset(msgspec.json.encode(document), "application/vnd.oai.openapi+json")


@lru_cache
def _swagger_ui(name: str) -> Asset:
    folder, media_type = _SWAGGER_UI[name]
    found = find_spec(_PACKAGE)
    assert found, f"{_PACKAGE} is a dependency"
    package = Path(next(iter(found.submodule_search_locations or ())))
    return asset((package / "swagger-ui" / folder / name).read_bytes(), media_type)
