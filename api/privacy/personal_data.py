"""Routes of personal data: the export of everything stored about a lead, and its erasure by crypto-shredding."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import delete, get
from litestar.datastructures import State
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter
from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import ASGIApp

from api.access.actor import CurrentActor
from api.access.recent_proof import PROOF_NOTE, needs_recent_proof
from api.access.visible import Visible
from api.http.long_responses import CountedResponse, LongResponses
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.privacy.export import ExportView
from workflows.access.visible_leads import require_visible
from workflows.privacy.block import unblock_lead
from workflows.privacy.erase import Erasure, erase_personal_data
from workflows.privacy.export import begin_export, write_export

__all__ = ["erase", "export_lead", "unblock"]

_EXPORT = ResponseSpec(
    ExportView, description="Everything that is stored about the lead", generate_examples=False
)
_HEADERS = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="lead.json"'}
_ERASED = ResponseSpec(
    Erasure,
    description="Erased",
    generate_examples=False,
    examples=[Example(value=msgspec.to_builtins(Erasure("lead-1", 1, 12, 0)))],
)


class UnblockView(View, frozen=True):
    """Events of the lead are taken; whether it was blocked before."""

    lead_id: str
    was_blocked: bool


_UNBLOCKED = ResponseSpec(
    UnblockView,
    description="Not blocked",
    generate_examples=False,
    examples=[Example(value=msgspec.to_builtins(UnblockView("lead-1", was_blocked=True)))],
)


@get(
    "/api/leads/{lead_id:str}/export",
    summary="Everything that is stored about a lead",
    description="One JSON document of any length, personal fields decrypted. A response that breaks off is incomplete."
    + PROOF_NOTE,
    tags=["Personal data"],
    guards=[needs_recent_proof],
    responses={200: _EXPORT, **problems(400, 404, 429, 503)},
)
async def export_lead(
    request: HttpRequest,
    state: State,
    runtime: RuntimeDep,
    actor: CurrentActor,
    visible: Visible,
    lead_id: PathText,
) -> ASGIApp:
    """The lead, its events, history, tasks, executions, webhook deliveries, dead letter and audit entries."""
    await require_visible(runtime, visible, lead_id)

    async def begin() -> ASGIApp:
        export = await begin_export(runtime, actor, lead_id)
        return ASGIStreamingResponse(
            iterator=write_export(export), media_type="application/json", headers=_HEADERS
        )

    exports: LongResponses = state.open_exports
    return CountedResponse(exports.opened(request.auth), begin)


@delete(
    "/api/leads/{lead_id:str}/personal-data",
    summary="Erase a lead's personal data for good",
    description=(
        "Deletes the key that encrypts the lead's personal fields (crypto-shredding), and blanks the responses of webhook "
        "endpoints about it. Scores, stages and totals stay as they are. Erasing again changes nothing more. With `block` "
        "later events of the lead are refused (410 `lead-blocked`), from senders and imports, until the block is lifted."
        + PROOF_NOTE
    ),
    tags=["Personal data"],
    status_code=200,
    guards=[needs_recent_proof],
    responses={200: _ERASED, **problems(400, 404, 503)},
)
async def erase(
    runtime: RuntimeDep,
    actor: CurrentActor,
    lead_id: PathText,
    block: Annotated[
        bool, QueryParameter(name="block", description="Refuse later events of the lead.")
    ] = False,
) -> Erasure:
    """The amount of data that can no longer be read."""
    return await erase_personal_data(runtime, actor, lead_id, block=block)


@delete(
    "/api/leads/{lead_id:str}/block",
    summary="Take events of an erased lead again",
    description="Lifts the block that an erasure with `block` has set. Lifting it again changes nothing more.",
    tags=["Personal data"],
    status_code=200,
    responses={200: _UNBLOCKED, **problems(400, 404, 503)},
)
async def unblock(runtime: RuntimeDep, actor: CurrentActor, lead_id: PathText) -> UnblockView:
    """Whether the lead was blocked."""
    return UnblockView(lead_id=lead_id, was_blocked=await unblock_lead(runtime, actor, lead_id))
