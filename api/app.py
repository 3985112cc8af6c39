"""The HTTP application: all calls, one runtime, errors as problems, documentation without the internet."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, cast

from litestar import Litestar, Router, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.enums import OpenAPIMediaType
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import SwaggerRenderPlugin
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.types import ASGIApp
from swagger_ui_bundle import swagger_ui_path
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from api.access.actor import current_actor
from api.access.authenticator import Authenticator, open_auth_context
from api.access.keys import KEYS
from api.access.scopes import REQUIRED_SCOPE, SECURITY_SCHEMES, requires
from api.automations.automations import complete_task, list_executions, list_tasks
from api.capture.app import CaptureApp
from api.capture.events import post_events
from api.http.bodies import MAX_BODY_BYTES
from api.http.exception_handlers import EXCEPTION_HANDLERS
from api.http.parameters import HttpRequest, check_query
from api.http.request_ids import RequestIds, with_request_ids
from api.http.shutdown import answer_on_shutdown
from api.leads.intelligence import get_intelligence
from api.leads.leads import get_lead, get_lead_events, get_lead_history, list_leads
from api.operations.audit import list_audit_log
from api.operations.background_loops import background
from api.operations.dead_letters import DEAD_LETTERS
from api.operations.health import live, metrics, ready
from api.privacy.personal_data import PERSONAL_DATA
from api.webhooks.deliveries import WEBHOOK_DELIVERIES
from api.webhooks.endpoints import WEBHOOK_ENDPOINTS
from api.work.work import WORK
from engine.leads.incomplete_leads import IncompleteLeads
from engine.runtime import Runtime

__all__ = ["create_app", "create_framework"]

_DOCS = "/docs"
_ASSETS = f"{_DOCS}/assets"


def create_app(framework: Litestar, trusted_proxies: str = "127.0.0.1") -> ASGIApp:
    """The whole application, as uvicorn serves it: the ingest routes in front of the framework.

    `trusted_proxies`: commas between addresses and networks whose `X-Forwarded-*` headers are believed, `*` for all.
    """
    ids, state = RequestIds(), framework.state
    proxied: Any = ProxyHeadersMiddleware(
        cast("Any", framework), trusted_proxies
    )  # uvicorn has types of its own
    others = with_request_ids(answer_on_shutdown(proxied), ids)
    return CaptureApp(others, state, state.authenticator, ids)


def create_framework(opened: AbstractAsyncContextManager[Runtime]) -> Litestar:
    """Every route, on a runtime that is opened when the application starts and closed when it stops."""
    authenticator = Authenticator()

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with (
            opened as runtime,
            open_auth_context(runtime) as authenticator.context,
            runtime.leads.notifications.subscribed(),
        ):
            incomplete = IncompleteLeads(runtime.operations.dead_letters, runtime.capture.discards)
            async with incomplete.kept_fresh():
                app.state.runtime, app.state.auth = runtime, authenticator.context
                app.state.incomplete = incomplete
                yield

    def runtime_of(state: State) -> Runtime:
        runtime: Runtime = state.runtime
        return runtime

    return Litestar(
        route_handlers=[
            requires("ingest", post_events),
            requires("read", get_intelligence, list_leads, get_lead, get_lead_history, get_lead_events),
            requires("read", list_executions, list_tasks, metrics, background),
            requires(
                "manage",
                complete_task,
                *WEBHOOK_ENDPOINTS,
                *WEBHOOK_DELIVERIES,
                *KEYS,
                *DEAD_LETTERS,
                *WORK,
                *PERSONAL_DATA,
                list_audit_log,
            ),
            requires("probe", live, ready),
            requires("nothing", open_documentation, get_openapi, _documentation_assets()),
        ],
        dependencies={
            "runtime": Provide(runtime_of, sync_to_thread=False),
            "actor": Provide(current_actor),
        },
        exception_handlers=EXCEPTION_HANDLERS,
        middleware=[authenticator],
        before_request=check_query,
        request_max_body_size=MAX_BODY_BYTES,
        lifespan=[lifespan],
        openapi_config=_documentation(),
        logging_config=None,
        state=State({"authenticator": authenticator}),
    )


@get("/", include_in_schema=False)
async def open_documentation() -> Redirect:
    """The documentation, for a browser that opens the server's address."""
    return Redirect(_DOCS)


@get("/openapi.json", include_in_schema=False, media_type=OpenAPIMediaType.OPENAPI_JSON)
async def get_openapi(request: HttpRequest) -> dict[str, Any]:
    """The OpenAPI document."""
    return request.app.openapi_schema.to_schema()


def _documentation_assets() -> Router:
    """The scripts and styles of Swagger UI."""
    return create_static_files_router(_ASSETS, directories=[swagger_ui_path], include_in_schema=False)


def _documentation() -> OpenAPIConfig:
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
