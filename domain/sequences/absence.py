"""The absence of a lead, as its latest out-of-office reply says it: a sequence pauses until the day after the return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from domain.events.event import Event
from domain.events.vocabulary import EVENT_DISCARDED, REPLY_CLASSIFIED
from domain.instant import DAY, Millis, from_datetime
from domain.outreach.withhold import REPLIES
from domain.replies.classify import decided_by_rules
from domain.replies.opt_out_event import suspected_opt_out
from domain.replies.reply_event import reply_in
from domain.sequences.duration import Duration

__all__ = ["Absence", "absence_in", "is_absence_reply"]

_AWAY = "out_of_office"
_LONGEST: Millis = 366 * DAY
"""A return that is further away is a misread date."""


class Absence(Struct, frozen=True):
    """A lead that is away since a moment; `returns` is the day of the return, None if the reply names none."""

    since: Millis
    reply_id: str
    returns: date | None = None

    def describe(self) -> str:
        """The absence in words."""
        return "out of office" if self.returns is None else f"out of office until {self.returns.isoformat()}"

    def until(self, zone: tzinfo, by_default: Duration) -> Millis:
        """When the day after the return begins where the lead lives; without such a day, `by_default` after the reply."""
        if self.returns is None:
            return by_default.after(self.since, zone)
        latest = self.since + _LONGEST
        try:
            day = datetime.combine(self.returns + timedelta(days=1), time(), zone)
            return min(from_datetime(day), latest)
        except OverflowError:  # the last days of the calendar
            return latest


def absence_in(stream: Sequence[Event]) -> Absence | None:
    """The absence that the events of a lead say, oldest first; None if the lead itself has written since, or never was away.

    The latest reply counts: a note of absence may take back an earlier one.
    """
    absence: Absence | None = None
    discarded = {event.event_id for event in stream if event.type == EVENT_DISCARDED}
    for event in stream:
        if event.type == REPLY_CLASSIFIED and event.properties.get("replyId") not in discarded:
            absence = _read(event) if _says_away(event) else None
    return absence


def is_absence_reply(reply: Event, events: Sequence[Event]) -> bool:
    """Whether a reply is a note of absence: as it was classified, else, as long as it was not, as the rules read it.

    Its personal fields must be opened.
    """
    if reply.type not in REPLIES:
        return False
    for event in events:
        if event.type == REPLY_CLASSIFIED and event.properties.get("replyId") == reply.event_id:
            return _says_away(event)
    text = reply_in(reply)
    reading = None if text is None else decided_by_rules(text)
    return reading is not None and reading.intent == _AWAY


def _says_away(reading: Event) -> bool:
    """Whether a reply was read as a note of absence; with an opt-out suspected beside it, it is taken for a reply."""
    return reading.properties.get("intent") == _AWAY and suspected_opt_out(reading) is None


def _read(event: Event) -> Absence:
    reply_id = str(event.properties.get("replyId", event.event_id))
    return Absence(event.occurred_at, reply_id, _day(event.properties.get("returns")))


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(written) if isinstance(written, str) else None
    except ValueError:
        return None
