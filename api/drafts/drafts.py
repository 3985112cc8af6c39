"""Routes of drafts: ask for one, look at those that wait, edit, approve, reject."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from litestar import Response, get, patch, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.scopes import scoped
from api.access.visible import Visible
from api.drafts.views import DraftsPage, DraftView, draft_view
from api.http.idempotency_key import idempotency_key
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from domain.drafts.request import Language, Purpose
from domain.errors import NotFound
from domain.teams.visibility import VisibleLeads
from engine.drafts.draft import Draft, DraftState
from engine.outreach.message import Author
from engine.runtime import Runtime
from workflows.access.visible_leads import require_visible, visible_rows
from workflows.drafts.create import NewDraft, create_draft
from workflows.drafts.decide import approve_draft, edit_draft, reject_draft

__all__ = ["CHANGE_DRAFTS", "READ_DRAFTS"]

_LEAD = "/api/leads/{lead_id:str}"
_PATH = "/api/drafts"
_ONE = f"{_PATH}/{{draft_id:str}}"
_TAGS = ["Drafts"]
_MAX_TEXT = 20_000
_MAX_REVISION = 1_000_000
_LINE = r"^[^\x00-\x1f\x7f]*$"
"""One line: a line break would begin a header of its own."""

_Revision = Annotated[
    int | None,
    QueryParameter(
        name="revision",
        ge=1,
        le=_MAX_REVISION,
        description="The revision that was read: a 409 if it was edited since.",
    ),
]


class AskForDraft(JsonBody):
    """A draft for the lead."""

    purpose: Purpose
    channel: str = Field("email", max_length=40, description="email, whatsapp or linkedin.")
    language: Language | None = Field(None, description="That of the lead by default, else English.")
    to: str | None = Field(
        None, min_length=1, max_length=320, description="The known address of the lead by default."
    )
    instructions: str = Field(
        "", max_length=2000, description="What the text should say; only a model follows them."
    )


class EditDraft(JsonBody):
    """What is to be changed; a field that is left out stays."""

    subject: str | None = Field(None, max_length=300, pattern=_LINE)
    text: str | None = Field(None, max_length=_MAX_TEXT, description="Stored encrypted.")
    to: str | None = Field(None, min_length=1, max_length=320)
    revision: int | None = Field(
        None, ge=1, le=_MAX_REVISION, description="The revision that was read: a 409 if it was edited since."
    )


class RejectDraft(JsonBody):
    """Why the draft is rejected, as it is shown beside it; stored unencrypted."""

    why: str = Field("", max_length=500)


@post(
    f"{_LEAD}/drafts",
    summary="Ask for a draft to a lead",
    description=(
        "Written at once, from a template or by the model that the settings name, and sent by nobody until it is "
        "approved. The header `Idempotency-Key` makes a repeated request the same draft. A lead that may not be written "
        "to, such as one that has opted out, is a 409 with every reason."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.CREATED,
    operation_class=operation_with_body(
        json_request_body(AskForDraft, {"purpose": "follow-up", "channel": "email"})
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_draft(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> DraftView:
    """The draft."""
    body = await read_json_body(request, AskForDraft)
    await require_visible(runtime, visible, lead_id)
    new = NewDraft(**body.model_dump(), sender=principal.name if principal.kind == "person" else "")
    author = Author(principal.kind, principal.id)
    draft = await create_draft(runtime, author, lead_id, new, idempotency_key(request))
    return await _view(runtime, draft)


@get(
    _PATH,
    summary="Drafts of one lead or of all, newest first",
    description="`state=waiting`: those that wait for a decision.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_drafts(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: Annotated[
        str | None, QueryParameter(name="leadId", max_length=200, description="Only those of this lead.")
    ] = None,
    in_state: Annotated[
        DraftState | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DraftsPage]:
    """A page of drafts."""
    of = f"drafts {lead_id} {in_state}"
    if lead_id is not None:
        await require_visible(runtime, visible, lead_id)
    streams = None if lead_id is None else await runtime.identity.streams.of_lead(lead_id)
    page = await visible_rows(
        runtime,
        visible,
        lambda after, size: runtime.drafts.store.page(
            lead_ids=streams, state=in_state, after=after, limit=size
        ),
        lead_of=lambda one: one.lead_id,
        keyset_of=lambda one: (one.created_at, one.draft_id),
        after=decode_time_cursor(cursor, of),
        limit=limit + 1,
    )
    keys = {one: await runtime.privacy.keys.find(one) for one in {row.lead_id for row in page.rows}}
    return page_of(
        request,
        page.rows,
        limit,
        of=of,
        keyset=lambda one: (one.created_at, one.draft_id),
        view=lambda one: draft_view(one, keys[one.lead_id]),
        resume=page.resume,
    )


@get(_ONE, summary="One draft", tags=_TAGS, responses=problems(400, 404, 503))
async def get_draft(runtime: RuntimeDep, visible: Visible, draft_id: PathText) -> DraftView:
    """The draft."""
    return await _view(runtime, await _visible_draft(runtime, visible, draft_id))


@patch(
    _ONE,
    summary="Edit a draft that waits",
    tags=_TAGS,
    operation_class=operation_with_body(
        json_request_body(EditDraft, {"text": "Hello Ada, does Tuesday suit you?", "revision": 1})
    ),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def patch_draft(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, draft_id: PathText
) -> DraftView:
    """The draft with its new revision."""
    body = await read_json_body(request, EditDraft)
    await _visible_draft(runtime, visible, draft_id)
    edited = await edit_draft(
        runtime,
        actor,
        draft_id,
        subject=body.subject,
        text=body.text,
        to=body.to,
        revision=body.revision,
    )
    return await _view(runtime, edited)


@post(
    f"{_ONE}/approve",
    summary="Approve a draft: it becomes a message",
    description="Exactly one, however often it is called. The message is looked at again before it goes out, as every one.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def post_approve(
    runtime: RuntimeDep,
    actor: CurrentActor,
    visible: Visible,
    draft_id: PathText,
    revision: _Revision = None,
) -> DraftView:
    """The draft, with the id of its message."""
    await _visible_draft(runtime, visible, draft_id)
    draft, _ = await approve_draft(runtime, actor, draft_id, revision)
    return await _view(runtime, draft)


@post(
    f"{_ONE}/reject",
    summary="Reject a draft",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(RejectDraft, {"why": "too formal"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_reject(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, draft_id: PathText
) -> DraftView:
    """The draft."""
    body = await read_json_body(request, RejectDraft)
    await _visible_draft(runtime, visible, draft_id)
    return await _view(runtime, await reject_draft(runtime, actor, draft_id, body.why))


async def _visible_draft(runtime: Runtime, visible: VisibleLeads, draft_id: str) -> Draft:
    draft = await runtime.drafts.store.get(draft_id)
    try:
        await require_visible(runtime, visible, draft.lead_id)
    except NotFound:
        raise NotFound("draft", draft_id) from None
    return draft


async def _view(runtime: Runtime, draft: Draft) -> DraftView:
    return draft_view(draft, await runtime.privacy.keys.find(draft.lead_id))


READ_DRAFTS = (list_drafts, get_draft, scoped("work", patch_draft))
CHANGE_DRAFTS = (post_draft, post_approve, post_reject)
"""Every call here."""
