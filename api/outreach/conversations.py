"""GET /api/conversations: the inbox, leads that wait for an answer with what they wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from litestar import Response, get
from litestar.params import QueryParameter

from api.access.visible import Visible
from api.access.wanted_owners import Owner, wanted_owners
from api.http.pages import Cursor, Limit, Page, component, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.outreach.opt_out_views import OptOutView, SuspectedOptOutView, opt_out_views, suspected_views
from api.outreach.received_view import ReceivedView, received_view
from domain.instant import to_datetime
from workflows.outreach.inbox import Conversation, Conversations, read_conversations

__all__ = ["list_conversations"]


class ConversationView(View, frozen=True):
    """A lead that waits for an answer since it wrote last."""

    lead_id: str
    owner_id: str | None
    waiting_since: datetime
    score: float
    stage: str
    last: ReceivedView | None
    opt_outs: list[OptOutView]
    suspected_opt_outs: list[SuspectedOptOutView]


ConversationsPage = Annotated[Page[ConversationView], component("ConversationsPage")]


@get(
    "/api/conversations",
    summary="Leads that wait for an answer, the longest first",
    description=(
        "Each with the newest message it wrote, the opt-outs of its replies that hold and those that are only suspected. An answer (a message to it that went out, a call) takes it off the list; "
        "which events ask for an answer and which give it is said by the section `contact` of the rulebook."
    ),
    tags=["Messages"],
    responses=problems(400, 503),
)
async def list_conversations(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    owner: Owner = None,
    channel: Annotated[
        str | None,
        QueryParameter(
            min_length=1,
            max_length=40,
            description="Only leads whose newest message came by this channel. A page may then have fewer than `limit` and still go on.",
        ),
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[ConversationsPage]:
    """A page of conversations."""
    of = f"conversations {owner} {channel}"
    after = decode_time_cursor(cursor, of)
    owners = wanted_owners(request.auth, visible, owner)
    found = Conversations([])
    if owners != ():
        found = await read_conversations(runtime, owners, limit + 1, after, channel)
    return page_of(
        request,
        found.rows,
        limit,
        of=of,
        keyset=lambda one: (one.since, one.lead.lead_id),
        view=_view,
        resume=found.resume,
    )


def _view(found: Conversation) -> ConversationView:
    return ConversationView(
        lead_id=found.lead.lead_id,
        owner_id=found.lead.owner_id,
        waiting_since=to_datetime(found.since),
        score=found.lead.score,
        stage=found.lead.stage,
        last=None if found.last is None else received_view(found.last),
        opt_outs=opt_out_views(found.contact.standing_opt_outs),
        suspected_opt_outs=suspected_views(found.contact.suspected_opt_outs),
    )
