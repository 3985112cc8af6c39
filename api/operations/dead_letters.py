"""Routes of dead letters: leads that could not be folded, their release, and the discarding of an event."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from litestar import Response, get, post
from litestar.params import QueryParameter
from pydantic import Field

from api.access.actor import CurrentActor
from api.http.json_body import JsonBody, read_json_body
from api.http.openapi import json_request_body, operation_with_body
from api.http.pages import Cursor, Limit, Page, component, decode_time_cursor, page_of
from api.http.parameters import HttpRequest, PathText, RuntimeDep
from api.http.problems import problems
from api.http.view import View
from domain.instant import to_datetime
from engine.operations.dead_letters import DeadLetter, LetterState
from workflows.operations.discard_event import discard_event
from workflows.operations.release_lead import release_lead
from workflows.operations.show_dead_letter import show_dead_letter

__all__ = ["DEAD_LETTERS", "DeadLetterView", "dead_letter_view"]

_PATH = "/api/dead-letters"
_ONE = f"{_PATH}/{{lead_id:str}}"


class DeadLetterView(View, frozen=True):
    """A lead that cannot be folded. `quarantined`: not retried any more; `retrying`: being folded again.

    `eventId` and `position` are null when the failing event is not known.
    """

    lead_id: str
    state: str
    event_id: str | None
    position: int | None
    reason: str
    attempts: int
    first_at: datetime
    last_at: datetime


class DeadLetterDetailsView(DeadLetterView, frozen=True):
    """With the event as stored, the position up to which the lead is applied, and the number of events after it."""

    event: dict[str, Any] | None
    applied_position: int
    waiting_events: int


DeadLettersPage = Annotated[Page[DeadLetterView], component("DeadLettersPage")]


class DiscardEvent(JsonBody):
    """The event that no longer counts, and why; both are kept for ever."""

    event_id: str = Field(min_length=1, max_length=200, description="The event at which the lead is blocked.")
    reason: str = Field(
        min_length=1,
        max_length=500,
        description="For the audit log. It is stored unencrypted and outlives every erasure: do not name a person.",
    )


class DiscardedEventView(View, frozen=True):
    """The discarded event; its lead is being folded again."""

    lead_id: str
    event_id: str


_EXAMPLE = {"eventId": "evt-1", "reason": "sent by a broken form"}


@get(
    _PATH,
    summary="Leads that could not be folded, latest first",
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
    found = await runtime.operations.dead_letters.page(in_state, decode_time_cursor(cursor, of), limit + 1)
    return page_of(
        request, found, limit, of=of, keyset=lambda one: (one.last_at, one.lead_id), view=dead_letter_view
    )


@get(_ONE, summary="Why a lead could not be folded", tags=["Dead letters"], responses=problems(400, 404, 503))
async def get_dead_letter(runtime: RuntimeDep, lead_id: PathText) -> DeadLetterDetailsView:
    """The dead letter, and the event at which the lead is blocked."""
    shown = await show_dead_letter(runtime, lead_id)
    return DeadLetterDetailsView(
        **_facts(shown.letter),
        event=shown.event,
        applied_position=shown.applied,
        waiting_events=shown.waiting,
    )


@post(
    f"{_ONE}/retry",
    summary="Fold a lead again",
    description="After the rulebook or the program was corrected. Without a correction, the lead is quarantined again.",
    tags=["Dead letters"],
    status_code=HTTPStatus.ACCEPTED,
    responses=problems(400, 404, 503),
)
async def retry(runtime: RuntimeDep, actor: CurrentActor, lead_id: PathText) -> DeadLetterView:
    """The dead letter, which is deleted as soon as the lead is folded."""
    return dead_letter_view(await release_lead(runtime, actor, lead_id))


@post(
    f"{_ONE}/discard",
    summary="Discard an event",
    description="The event stays stored, with a mark that it does not count: nothing that reads or replays the lead "
    "counts it any more. This cannot be undone.",
    tags=["Dead letters"],
    status_code=HTTPStatus.ACCEPTED,
    operation_class=operation_with_body(json_request_body(DiscardEvent, _EXAMPLE)),
    responses=problems(400, 404, 409, 413, 415, 503),
)
async def discard(
    request: HttpRequest, runtime: RuntimeDep, actor: CurrentActor, lead_id: PathText
) -> DiscardedEventView:
    """The lead continues with its next event."""
    body = await read_json_body(request, DiscardEvent)
    await discard_event(runtime, actor, lead_id, body.event_id, body.reason)
    return DiscardedEventView(lead_id=lead_id, event_id=body.event_id)


def dead_letter_view(letter: DeadLetter) -> DeadLetterView:
    return DeadLetterView(**_facts(letter))


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
