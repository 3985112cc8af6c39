"""Leads that could not be folded: what holds them up, and what to do about it."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from msgspec import Struct
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.parameters import (
    Cursor,
    HttpRequest,
    Limit,
    Moment,
    PathText,
    RuntimeDep,
    decode_cursor,
    next_cursor,
    next_link,
)
from api.http.problems import problems
from domain.instant import to_datetime
from engine.operations.dead_letters import DeadLetter, LetterState
from workflows.operations.discard_event import discard_event
from workflows.operations.release_lead import release_lead
from workflows.operations.show_dead_letter import show_dead_letter

__all__ = ["DEAD_LETTERS", "DeadLetterAnswer", "dead_letter_answer"]

_PATH = "/api/dead-letters"
_ONE = f"{_PATH}/{{lead_id:str}}"


class DeadLetterAnswer(Struct, frozen=True, kw_only=True, rename="camel"):
    """A lead that cannot be folded. `quarantined`: nobody tries any more; `retrying`: it is being folded again.

    `eventId` and `position` are null when it is not known at which event it fails.
    """

    lead_id: str
    state: str
    event_id: str | None
    position: int | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime


class DeadLetterInFull(DeadLetterAnswer, frozen=True):
    """With the event as it is stored, where the lead has come to, and how many of its events wait."""

    event: dict[str, Any] | None
    applied_position: int
    waiting_events: int


class DeadLettersPage(Struct, frozen=True, kw_only=True, rename="camel"):
    items: list[DeadLetterAnswer]
    next_cursor: str | None


class DiscardEvent(JsonBody):
    """Which event no longer counts, and why; both are kept for ever."""

    event_id: str = Field(min_length=1, max_length=200, description="The event that holds the lead up.")
    reason: str = Field(
        min_length=1,
        max_length=500,
        description="For those who ask later. It is kept open and outlives every erasure: do not name a person.",
    )


class DiscardedAnswer(Struct, frozen=True, kw_only=True, rename="camel"):
    """The event no longer counts, and its lead is being folded again."""

    lead_id: str
    event_id: str


_EXAMPLE = {"eventId": "evt-1", "reason": "sent by a broken form"}


@get(
    _PATH,
    summary="Leads that could not be folded, the latest first",
    tags=["Dead letters"],
    responses=problems(400, 503),
)
async def list_dead_letters(
    request: HttpRequest,
    runtime: RuntimeDep,
    in_state: Annotated[
        LetterState | None, QueryParameter(name="state", description="Only in this state.")
    ] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Response[DeadLettersPage]:
    """A page of dead letters."""
    of = f"dead letters {in_state}"
    found = await runtime.operations.dead_letters.page(
        in_state, decode_cursor(cursor, of, tuple[Moment, str]), limit + 1
    )
    more = next_cursor(of, found, limit, lambda last: (last.last_at, last.lead_id))
    page = DeadLettersPage(items=[dead_letter_answer(one) for one in found[:limit]], next_cursor=more)
    return Response(page, headers=next_link(request, more))


@get(_ONE, summary="Why a lead could not be folded", tags=["Dead letters"], responses=problems(400, 404, 503))
async def get_dead_letter(runtime: RuntimeDep, lead_id: PathText) -> DeadLetterInFull:
    """The dead letter, and the event that holds the lead up."""
    shown = await show_dead_letter(runtime, lead_id)
    return DeadLetterInFull(
        **_facts(shown.letter),
        event=shown.event,
        applied_position=shown.applied,
        waiting_events=shown.waiting,
    )


@post(
    f"{_ONE}/retry",
    summary="Fold a lead again",
    description="After the rulebook or the program was mended. If nothing was, the lead is quarantined again.",
    tags=["Dead letters"],
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 503),
)
async def retry(runtime: RuntimeDep, actor: CurrentActor, lead_id: PathText) -> DeadLetterAnswer:
    """The dead letter, which is forgotten as soon as the lead has come through."""
    return dead_letter_answer(await release_lead(runtime, actor, lead_id))


@post(
    f"{_ONE}/discard",
    summary="Go on without an event",
    description="The event stays stored, with a mark that it does not count: nothing that reads or replays the lead "
    "counts it any more. This cannot be undone.",
    tags=["Dead letters"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(json_request_body(DiscardEvent, _EXAMPLE)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def discard(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, lead_id: PathText
) -> DiscardedAnswer:
    """The lead goes on with its next event."""
    body = await read_json_body(request, DiscardEvent)
    await discard_event(runtime, actor, lead_id, body.event_id, body.reason)
    return DiscardedAnswer(lead_id=lead_id, event_id=body.event_id)


def dead_letter_answer(letter: DeadLetter) -> DeadLetterAnswer:
    return DeadLetterAnswer(**_facts(letter))


def _facts(letter: DeadLetter) -> dict[str, Any]:
    return {
        "lead_id": letter.lead_id,
        "state": letter.state,
        "event_id": letter.event_id or None,
        "position": letter.position or None,
        "reason": letter.reason,
        "attempts": letter.attempts,
        "first_at": to_datetime(letter.first_at),
        "last_at": to_datetime(letter.last_at),
    }


DEAD_LETTERS = (list_dead_letters, get_dead_letter, retry, discard)
"""Every call here."""
