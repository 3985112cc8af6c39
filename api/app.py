"""The HTTP application: all calls, one runtime, errors as problems, documentation without the internet."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, SwaggerRenderPlugin
from litestar.static_files import create_static_files_router
from swagger_ui_bundle import swagger_ui_path

from api.automations import complete_task, list_executions, list_tasks
from api.events import MOST_BYTES, post_events
from api.health import live, metrics, ready
from api.intelligence import get_intelligence
from api.leads import get_lead, get_lead_events, get_lead_history, list_leads
from api.parameters import refuse_unknown
from api.problems import EXCEPTION_HANDLERS
from engine.runtime import Runtime

__all__ = ["create_app"]

_ASSETS = "/docs/assets"


def create_app(opened: AbstractAsyncContextManager[Runtime]) -> Litestar:
    """The application on a runtime that is opened when it starts and closed when it stops."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with opened as runtime:
            app.state.runtime = runtime
            yield

    def runtime_of(state: State) -> Runtime:
        runtime: Runtime = state.runtime
        return runtime

    return Litestar(
        route_handlers=[
            post_events,
            get_intelligence,
            list_leads,
            get_lead,
            get_lead_history,
            get_lead_events,
            list_executions,
            list_tasks,
            complete_task,
            live,
            ready,
            metrics,
            create_static_files_router(_ASSETS, directories=[swagger_ui_path], include_in_schema=False),
        ],
        dependencies={"runtime": Provide(runtime_of, sync_to_thread=False)},
        exception_handlers=EXCEPTION_HANDLERS,
        before_request=refuse_unknown,
        request_max_body_size=MOST_BYTES,
        lifespan=[lifespan],
        openapi_config=_documentation(),
        logging_config=None,
    )


def _documentation() -> OpenAPIConfig:
    """Swagger UI at /docs, its scripts from our own server; the document at /openapi.json."""
    return OpenAPIConfig(
        title="Lead engine",
        version=version("lead-engine"),
        description="Events in; score, stage, velocity, risk and next action out, each explained.",
        path="/",
        render_plugins=[
            SwaggerRenderPlugin(
                path="/docs",
                js_url=f"{_ASSETS}/swagger-ui-bundle.js",
                css_url=f"{_ASSETS}/swagger-ui.css",
                standalone_preset_js_url=f"{_ASSETS}/swagger-ui-standalone-preset.js",
            ),
            JsonRenderPlugin(path="/openapi.json"),
        ],
    )
