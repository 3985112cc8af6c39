"""Lead ids in paths, resolved before any handler sees them: in their normal form, or as they were stored before."""

from __future__ import annotations

from api.http.parameters import HttpRequest, check_query
from domain.events.identifiers import is_plain
from engine.runtime import Runtime
from workflows.capture.stored_ids import stored_lead_id

__all__ = ["prepare_request"]


async def prepare_request(request: HttpRequest) -> None:
    """Raises `Invalid` for query parameters that the call does not have; then resolves the lead of the path."""
    await check_query(request)
    path = request.scope["path_params"]
    lead_id = path.get("lead_id")
    if isinstance(lead_id, str) and not is_plain(lead_id):
        runtime: Runtime = request.app.state.runtime
        path["lead_id"] = await stored_lead_id(runtime, lead_id)
