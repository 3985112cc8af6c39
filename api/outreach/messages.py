"""Routes of messages: send one to a lead, look at what became of it, decide what is in question."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from litestar import Response, get, post
from litestar.params import QueryParameter
from pydantic import AwareDatetime, Field, Strict

from api.access.actor import CurrentActor, CurrentPrincipal
from api.access.visible import Visible
from api.capture.events import require_stored
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from api.outreach.views import MessagesPage, MessageView, message_view
from domain.errors import Fault, Invalid, NotFound
from domain.teams.visibility import VisibleLeads
from engine.outreach.message import Author, Message
from engine.runtime import Runtime
from engine.work.unit import UnitState
from workflows.access.visible_leads import require_visible, visible_rows
from workflows.outreach.conversation import deliveries_of
from workflows.outreach.plan import NewMessage, plan_message
from workflows.outreach.reply import NewReply, record_reply
from workflows.outreach.resolve import discard_message, resolve_message, retry_message

__all__ = ["CHANGE_MESSAGES", "READ_MESSAGES"]

_LEAD = "/api/leads/{lead_id:str}"
_PATH = "/api/messages"
_ONE = f"{_PATH}/{{message_id:str}}"
_TAGS = ["Messages"]
_MAX_TEXT, _MAX_HTML = 20_000, 100_000
_MAX_KEY = 200
_LINE = r"^[^\x00-\x1f\x7f]*$"
"""One line: a line break would begin a header of its own."""


class SendMessage(JsonBody):
    """A message to the lead. Without `to` it goes to the address that is known of the lead."""

    channel: str = Field(max_length=40, description="email, whatsapp or linkedin.")
    to: str | None = Field(None, min_length=1, max_length=320)
    subject: str = Field("", max_length=300, pattern=_LINE)
    text: str = Field("", max_length=_MAX_TEXT, description="Stored encrypted.")
    html: str = Field("", max_length=_MAX_HTML, description="Beside the text, for e-mail.")
    template: str = Field("", max_length=200, description="Name or id of an approved WhatsApp template.")
    language: str = Field("", max_length=20)
    variables: dict[str, str] = Field(default_factory=dict, max_length=50)
    send_at: Annotated[AwareDatetime, Strict(False)] | None = Field(
        None, description="When it is to be sent; now by default."
    )
    reply_to: str | None = Field(
        None, max_length=200, description="Id of our message whose thread this one continues."
    )
    despite_reply: bool = Field(
        False, description="Send it also if the lead writes to us before it goes out."
    )
    why: str = Field("", max_length=500, description="The reason, as it is shown beside the message.")


class TakeReply(JsonBody):
    """A reply of the lead, as if it had come in."""

    channel: str = Field("email", max_length=40)
    text: str = Field(min_length=1, max_length=_MAX_TEXT, description="Stored encrypted.")
    subject: str = Field("", max_length=300, pattern=_LINE)
    in_reply_to: str | None = Field(None, max_length=200, description="Id of our message that is answered.")
    event_id: str | None = Field(None, max_length=200)


class ResolveMessage(JsonBody):
    """What somebody has found out about a message of which it was not known whether it went out."""

    found: Literal["sent", "not-sent"]


class DiscardMessage(JsonBody):
    """Why the message is given up."""

    why: str = Field(min_length=1, max_length=500)


class ReplyView(View, frozen=True):
    """A reply that is stored, now or (`duplicate`) before: the event at `position`, for `?after=`."""

    event_id: str
    lead_id: str
    status: str
    position: int


@post(
    f"{_LEAD}/messages",
    summary="Send a message to a lead",
    description=(
        "Stored, and sent when it is due, at most once: the header `Idempotency-Key` makes a repeated request the same "
        "message. Before it goes out it is looked at again whether it may: a reply, an unsubscription, the suppression "
        "list or a missing consent withholds it, with every reason."
    ),
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(
            SendMessage,
            {"channel": "email", "subject": "Your demo", "text": "Hello Ada, does Tuesday suit you?"},
        )
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_message(
    request: HttpRequest,
    runtime: RuntimeDep,
    principal: CurrentPrincipal,
    visible: Visible,
    lead_id: PathText,
) -> MessageView:
    """The message."""
    body = await read_json_body(request, SendMessage)
    await require_visible(runtime, visible, lead_id)
    _require_content(body)
    asked = [name for name in NewMessage.__struct_fields__ if name in SendMessage.model_fields]
    new = NewMessage(**{name: getattr(body, name) for name in asked})
    author = Author(principal.kind, principal.id)
    message, _ = await plan_message(runtime, author, lead_id, new, _key(request))
    return await _view(runtime, message)


@post(
    f"{_LEAD}/replies",
    summary="Record a reply of a lead",
    description="As if the lead had answered by itself: an event `message.received` in its stream.",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(
        json_request_body(
            TakeReply, {"text": "Tuesday at ten suits me.", "inReplyTo": "msg_0123456789abcdef"}
        )
    ),
    responses=problems(400, 404, 409, 410, 413, 415, 503),
)
async def post_reply(
    request: HttpRequest, runtime: RuntimeDep, visible: Visible, lead_id: PathText
) -> ReplyView:
    """The event."""
    body = await read_json_body(request, TakeReply)
    await require_visible(runtime, visible, lead_id)
    reply = NewReply(
        channel=body.channel,
        text=body.text,
        subject=body.subject,
        in_reply_to=body.in_reply_to,
        event_id=body.event_id,
    )
    appended = await record_reply(runtime, lead_id, reply)
    require_stored(appended)
    return ReplyView(
        event_id=appended.event_id,
        lead_id=appended.lead_id,
        status=appended.status,
        position=appended.position,
    )


@get(
    _PATH,
    summary="Messages to one lead or to all, newest first",
    description="With their contents, every attempt, and every event that says what became of them. `unknown=true`: those "
    "of which it is not known whether they went out; somebody must find out.",
    tags=_TAGS,
    responses=problems(400, 404, 503),
)
async def list_messages(
    request: HttpRequest,
    runtime: RuntimeDep,
    visible: Visible,
    lead_id: Annotated[
        str | None, QueryParameter(name="leadId", max_length=200, description="Only those to this lead.")
    ] = None,
    in_state: Annotated[
        UnitState | None, QueryParameter(name="state", description="Only in this state of sending.")
    ] = None,
    unknown: Annotated[bool, QueryParameter(description="Only those in question.")] = False,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[MessagesPage]:
    """A page of messages."""
    of = f"messages {lead_id} {in_state} {unknown}"
    if lead_id is not None:
        await require_visible(runtime, visible, lead_id)
    streams = None if lead_id is None else await runtime.identity.streams.of_lead(lead_id)
    page = await visible_rows(
        runtime,
        visible,
        lambda after, size: runtime.outreach.messages.page(
            lead_id=streams, state=in_state, unclear=unknown, after=after, limit=size
        ),
        lead_of=lambda one: one.lead_id,
        keyset_of=lambda one: (one.created_at, one.unit_id),
        after=decode_time_cursor(cursor, of),
        limit=limit + 1,
    )
    return page_of(
        request,
        await deliveries_of(runtime, page.rows),
        limit,
        of=of,
        keyset=lambda one: (one.message.created_at, one.message.unit_id),
        view=message_view,
        resume=page.resume,
    )


@get(_ONE, summary="One message and why it was sent or not", tags=_TAGS, responses=problems(400, 404, 503))
async def get_message(runtime: RuntimeDep, visible: Visible, message_id: PathText) -> MessageView:
    """The message with its chain of reasons."""
    return await _view(runtime, await _visible_message(runtime, visible, message_id))


@post(
    f"{_ONE}/resolve",
    summary="Say what became of a message in question",
    description="`sent` ends it; `not-sent` sends it now. The engine never does this by itself: it might send it twice.",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(ResolveMessage, {"found": "sent"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_resolve(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, message_id: PathText
) -> MessageView:
    """The message."""
    body = await read_json_body(request, ResolveMessage)
    await _visible_message(runtime, visible, message_id)
    return await _view(runtime, await resolve_message(runtime, actor, message_id, body.found))


@post(
    f"{_ONE}/retry",
    summary="Try a dead message again",
    tags=_TAGS,
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 409, 503),
)
async def post_retry(
    runtime: RuntimeDep, actor: CurrentActor, visible: Visible, message_id: PathText
) -> MessageView:
    """The message, which is sent now unless something still speaks against it."""
    await _visible_message(runtime, visible, message_id)
    return await _view(runtime, await retry_message(runtime, actor, message_id))


@post(
    f"{_ONE}/discard",
    summary="Give up a message that has not gone out",
    tags=_TAGS,
    status_code=HTTPStatus.OK,
    operation_class=operation_with_body(json_request_body(DiscardMessage, {"why": "called her instead"})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_discard(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, visible: Visible, message_id: PathText
) -> MessageView:
    """The message."""
    body = await read_json_body(request, DiscardMessage)
    await _visible_message(runtime, visible, message_id)
    return await _view(runtime, await discard_message(runtime, actor, message_id, body.why))


def _require_content(body: SendMessage) -> None:
    if not body.text.strip() and not body.template:
        raise Invalid("Nothing was planned.", (Fault("/text", "must not be empty without a template"),))
    if body.channel == "email" and not body.subject.strip():
        raise Invalid("Nothing was planned.", (Fault("/subject", "must not be empty for an e-mail"),))


def _key(request: HttpRequest) -> str | None:
    key = request.headers.get("idempotency-key")
    if key is not None and not 0 < len(key) <= _MAX_KEY:
        detail = f"the header Idempotency-Key should have 1 to {_MAX_KEY} characters"
        raise Invalid("Nothing was planned.", (Fault("", detail),))
    return key


async def _visible_message(runtime: Runtime, visible: VisibleLeads, message_id: str) -> Message:
    message = await runtime.outreach.messages.get(message_id)
    try:
        await require_visible(runtime, visible, message.lead_id)
    except NotFound:
        raise NotFound("message", message_id) from None
    return message


async def _view(runtime: Runtime, message: Message) -> MessageView:
    (delivery,) = await deliveries_of(runtime, [message])
    return message_view(delivery)


READ_MESSAGES = (list_messages, get_message)
CHANGE_MESSAGES = (post_message, post_reply, post_resolve, post_retry, post_discard)
"""Every call here."""
