"""Lead ids in paths, resolved before any handler sees them: in their normal form, or as they were stored before.

An id of a stream that was merged stands for the lead that it is part of. Handlers see the id of that lead, and what was asked
for in `requested_lead_id`.
"""

from __future__ import annotations

from api.http.parameters import HttpRequest, check_query
from domain.events.identifiers import is_plain
from engine.runtime import Runtime
from workflows.capture.stored_ids import stored_lead_id

__all__ = ["prepare_request", "requested_lead_id"]

_REQUESTED = "requested_lead_id"
_LOOKS_ITSELF = "/intelligence"
"""The end of the call that is read most, which looks for another lead only if there is none of the id."""


async def prepare_request(request: HttpRequest) -> None:
    """Raises `Invalid` for query parameters that the call does not have; then resolves the lead of the path."""
    await check_query(request)
    path = request.scope["path_params"]
    lead_id = path.get("lead_id")
    if isinstance(lead_id, str):
        runtime: Runtime = request.app.state.runtime
        if not is_plain(lead_id):
            lead_id = await stored_lead_id(runtime, lead_id)
            request.scope["path_params"] = {**path, "lead_id": lead_id}
        request.scope["state"][_REQUESTED] = lead_id
        if request.scope["path"].endswith(_LOOKS_ITSELF):
            return
        surviving = await runtime.identity.streams.lead_of(lead_id)
        request.scope["path_params"] = {
            **path,
            "lead_id": surviving,
        }  # the router shares its own between requests


def requested_lead_id(request: HttpRequest) -> str:
    """The id in the path of the request, which may be that of a stream that was merged."""
    return str(request.scope["state"][_REQUESTED])
