"""A person's word on whether a reply is an opt-out: an event, which confirms a suspicion or clears it."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from domain.errors import Conflict
from domain.events.event import ENGINE_SOURCE, Event, Json, NewEvent
from domain.events.vocabulary import REPLY_CLASSIFIED, REPLY_JUDGED
from domain.replies.opt_out_event import judged_opt_out, opted_out_channels, suspected_opt_out
from engine.capture.lenient import decode_lenient
from engine.operations.audit_log import Actor
from engine.runtime import Runtime
from workflows.privacy.encrypt import append_sealed, opened
from workflows.replies.read_types import READ_TYPES
from workflows.replies.suppress_author import suppress_author

__all__ = ["Judged", "judge_reply"]


class Judged(NamedTuple):
    """The id and the position of the event that holds the word."""

    event_id: str
    position: int


async def judge_reply(runtime: Runtime, by: Actor, lead_id: str, reply_id: str, *, opt_out: bool) -> Judged:
    """Append `reply.judged`. An opt-out suppresses every known address of the lead before; else a suspicion is cleared, and the intent beside it counts from now on.

    Repeating it changes nothing. Raises `NotFound` for an event that the lead does not have, and `Conflict` for one that
    is no reply or does not count, for a clear opt-out that is to be none, and for one that was judged to be one before.
    """
    stored = await runtime.capture.discards.stored(lead_id, reply_id)
    reply = decode_lenient(stored)
    if reply.type not in READ_TYPES:
        raise Conflict(f"Event '{reply_id}' is no reply of the lead, or it does not count any more.")
    said = await runtime.capture.events.of_lead(stored.stream_id, types={REPLY_CLASSIFIED, REPLY_JUDGED})
    about = [one for one in said if one.properties.get("replyId") == reply_id]
    if (standing := _standing(about)) is not None and judged_opt_out(standing) is opt_out:
        return Judged(standing.event_id, standing.position)
    if not opt_out:
        _require_doubt(about)
    else:
        (plain,) = await opened(runtime, [reply])
        await suppress_author(runtime, plain)
    (appended,) = await append_sealed(runtime, [_event(runtime, by, reply, about, opt_out=opt_out)])
    return Judged(appended.event_id, appended.position)


def _standing(about: list[Event]) -> Event | None:
    """The latest word of a person."""
    return next((one for one in reversed(about) if judged_opt_out(one) is not None), None)


def _require_doubt(about: list[Event]) -> None:
    for one in about:
        if judged_opt_out(one):
            raise Conflict(
                f"A person has judged the reply to be an opt-out; to take it back, retract event '{one.event_id}'."
            )
        if opted_out_channels(one):
            raise Conflict(
                "The reply asks in clear words for no more messages; if it was misread, retract it."
            )


def _cleared(about: list[Event]) -> dict[str, Json]:
    """The intent of the reading in which an opt-out was suspected, which counts once the suspicion is cleared."""
    for one in about:
        if suspected_opt_out(one) is not None:
            intent = one.properties.get("intent")
            if intent == "unsubscribe":  # up to 0.6.0 the suspicion took the place of the intent
                return {"intent": "unknown"}
            return {"intent": intent, "confidence": one.properties.get("confidence")}
    return {}


def _event(runtime: Runtime, by: Actor, reply: Event, about: list[Event], *, opt_out: bool) -> NewEvent:
    event_id, at = f"judged:{secrets.token_hex(16)}", runtime.now()
    return NewEvent(
        event_id=event_id,
        lead_id=reply.stream_id,  # it stays with its reply whatever is merged
        type=REPLY_JUDGED,
        occurred_at=at,
        received_at=at,
        body_hash=event_id,
        source=ENGINE_SOURCE,
        properties={
            "replyId": reply.event_id,
            "optOut": opt_out,
            "by": by.id or by.name,
            **({} if opt_out else _cleared(about)),
        },
    )
