"""What ends a sequence before its last step: the lead replies, meets us, says no, or its deal is decided."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from msgspec import Struct

from domain.decisions.outcome import OutcomeName
from domain.events.event import Event
from domain.events.vocabulary import EVENT_DISCARDED, REPLY_CLASSIFIED, REPLY_JUDGED
from domain.outreach.vocabulary import EMAIL_BOUNCED, EMAIL_COMPLAINED, EMAIL_UNSUBSCRIBED
from domain.outreach.withhold import REPLIES, closes_email
from domain.replies.opt_out_event import opted_out_channels
from domain.sequences.absence import is_absence_reply

__all__ = ["MEETINGS", "STOPS", "STOP_TYPES", "Stop", "StopKind", "stop_of"]

StopKind = Literal["reply", "meeting", "opt-out", "bounce", "won", "lost"]
STOPS: tuple[StopKind, ...] = ("reply", "meeting", "opt-out", "bounce", "won", "lost")

MEETINGS = frozenset({"meeting.booked", "meeting_booked"})
"""Types of events by which the lead meets us."""

_OF_TYPE: dict[str, StopKind] = {
    **dict.fromkeys(REPLIES, "reply"),
    **dict.fromkeys(MEETINGS, "meeting"),
    **dict.fromkeys((EMAIL_UNSUBSCRIBED, EMAIL_COMPLAINED, "consent.withdrawn"), "opt-out"),
    EMAIL_BOUNCED: "bounce",
}
STOP_TYPES = frozenset(_OF_TYPE) | {REPLY_CLASSIFIED, REPLY_JUDGED}
"""Types of events that can end a sequence, whatever the rulebook says."""

_OF_OUTCOME: dict[OutcomeName, StopKind] = {"won": "won", "lost": "lost", "disqualified": "lost"}


class Stop(Struct, frozen=True):
    """A reason to end, with the event behind it if there is one."""

    kind: StopKind
    event_id: str | None = None


def stop_of(stops: Collection[str], events: Sequence[Event], outcome: OutcomeName) -> Stop | None:
    """The first reason among `stops` in the events since the enrolment, else in the outcome of the lead; None if there is none.

    A note of absence is no reply; a reply that was read, or judged, to say no is an opt-out too, whether or not replies
    stop. The personal fields of the events must be opened.
    """
    retracted = {event.event_id for event in events if event.type == EVENT_DISCARDED}
    for event in events:
        kind = _kind_of(event, retracted)
        if (
            kind is not None
            and kind in stops
            and (kind != "bounce" or closes_email(event.type, event.properties))
            and not (kind == "reply" and is_absence_reply(event, events))
        ):
            return Stop(kind, event.event_id)
    kind = _OF_OUTCOME.get(outcome)
    return Stop(kind) if kind is not None and kind in stops else None


def _kind_of(event: Event, retracted: Collection[str]) -> StopKind | None:
    if opted_out_channels(event):
        return None if event.properties.get("replyId") in retracted else "opt-out"
    return _OF_TYPE.get(event.type)
