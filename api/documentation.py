"""The OpenAPI document, and Swagger UI at /docs with its scripts served by us instead of the internet."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from litestar import Router, get
from litestar.enums import OpenAPIMediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from swagger_ui_bundle import swagger_ui_path

from api.access.scopes import REQUIRED_SCOPE, SECURITY_SCHEMES
from api.http.parameters import HttpRequest

__all__ = ["DOCUMENTATION", "openapi_config"]

_DOCS = "/docs"
_ASSETS = f"{_DOCS}/assets"


@get("/", include_in_schema=False)
async def open_documentation() -> Redirect:
    """The documentation, for a browser that opens the server's address."""
    return Redirect(_DOCS)


@get("/openapi.json", include_in_schema=False, media_type=OpenAPIMediaType.OPENAPI_JSON)
async def get_openapi(request: HttpRequest) -> dict[str, Any]:
    """The OpenAPI document."""
    return request.app.openapi_schema.to_schema()


DOCUMENTATION = (
    open_documentation,
    get_openapi,
    create_static_files_router(_ASSETS, directories=[swagger_ui_path], include_in_schema=False),
)
"""Every route here; the last serves the scripts and styles of Swagger UI."""


def openapi_config() -> OpenAPIConfig:
    """Swagger UI at /docs, its scripts from our own server."""
    return OpenAPIConfig(
        title="Lead engine",
        version=version("lead-engine"),
        description="Events in; score, stage, velocity, risk and next action out, each explained.",
        components=SECURITY_SCHEMES,
        openapi_router=Router(
            _DOCS, route_handlers=[], opt={REQUIRED_SCOPE: "nothing"}, include_in_schema=False
        ),
        render_plugins=[
            SwaggerRenderPlugin(
                path="/",
                favicon=f'<link rel="icon" href="{_ASSETS}/favicon-32x32.png">',
                js_url=f"{_ASSETS}/swagger-ui-bundle.js",
                css_url=f"{_ASSETS}/swagger-ui.css",
                standalone_preset_js_url=f"{_ASSETS}/swagger-ui-standalone-preset.js",
            )
        ],
    )
