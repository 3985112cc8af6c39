"""POST /api/leads/{leadId}/replies/{replyId}/judgement: a person says whether a reply is an opt-out."""

from __future__ import annotations

from http import HTTPStatus

from litestar import post
from pydantic import Field

from api.access.actor import CurrentActor
from api.access.visible import Visible
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from workflows.access.visible_leads import require_visible
from workflows.replies.judge import judge_reply

__all__ = ["post_judgement"]


class JudgeReply(JsonBody):
    """What the reply is."""

    opt_out: bool = Field(
        description="True: the lead asks for no more messages, in any channel. False: it does not, so that a suspicion is cleared."
    )


class JudgementView(View, frozen=True):
    """The stored word: an event of its own, which the lead has applied once it has reached `position`."""

    event_id: str
    lead_id: str
    reply_id: str
    opt_out: bool
    position: int


@post(
    "/api/leads/{lead_id:str}/replies/{reply_id:str}/judgement",
    summary="Say whether a reply is an opt-out",
    description=(
        "An event `reply.judged`. With `optOut` every known address of the lead is suppressed at once, and the lead is as after "
        "a clear opt-out. Without, a suspicion of the classifier (`suspectedOptOuts` of the intelligence) is cleared, rules, "
        "sequences and campaigns may write again, and automations on the intent of the reply fire; a reply that says no in clear words is not cleared but retracted."
    ),
    tags=["Messages"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(json_request_body(JudgeReply, {"optOut": False})),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def post_judgement(
    request: HttpRequest,
    runtime: RuntimeDep,
    actor: CurrentActor,
    visible: Visible,
    lead_id: PathText,
    reply_id: PathText,
) -> JudgementView:
    """The word and its position, for `?after=`."""
    body = await read_json_body(request, JudgeReply)
    await require_visible(runtime, visible, lead_id)
    judged = await judge_reply(runtime, actor, lead_id, reply_id, opt_out=body.opt_out)
    return JudgementView(
        event_id=judged.event_id,
        lead_id=lead_id,
        reply_id=reply_id,
        opt_out=body.opt_out,
        position=judged.position,
    )
