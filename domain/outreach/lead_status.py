"""The status of a lead in outreach: new, contacted, replied, converted or dead, folded from messages and outcome."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.decisions.outcome import OPEN, Outcome
from domain.events.event import Event
from domain.events.vocabulary import CALL_LOGGED
from domain.instant import Millis
from domain.outreach.vocabulary import MESSAGE_DELIVERED, MESSAGE_READ, MESSAGE_SENT
from domain.outreach.withhold import REPLIES

__all__ = [
    "CORRESPONDENCE_TYPES",
    "LEAD_STATUSES",
    "NEW",
    "Correspondence",
    "LeadStatus",
    "LeadStatusName",
    "lead_status",
    "with_event",
]

LeadStatusName = Literal["new", "contacted", "replied", "converted", "dead"]

NEW: LeadStatusName = "new"
LEAD_STATUSES: tuple[LeadStatusName, ...] = ("new", "contacted", "replied", "converted", "dead")

_CONTACTS = frozenset({MESSAGE_SENT, MESSAGE_DELIVERED, MESSAGE_READ, "email.sent", CALL_LOGGED})
"""Types that prove that we have reached out: a message that was only planned or withheld is none."""

CORRESPONDENCE_TYPES = _CONTACTS | REPLIES
"""Types that can change a `Correspondence`."""


class Correspondence(Struct, frozen=True, gc=False, rename="camel"):
    """The first contact and the first reply: moment and type of event of each; at -1 there was none."""

    contacted_at: Millis = -1
    contacted_by: str = ""
    replied_at: Millis = -1
    replied_by: str = ""


class LeadStatus(Struct, frozen=True):
    """A status, since when it holds, and the type of the event that led to it; at -1 nothing has happened yet."""

    name: LeadStatusName = NEW
    at: Millis = -1
    event_type: str = ""


_NOTHING = Correspondence()
_ENDS: dict[str, LeadStatusName] = {"won": "converted", "lost": "dead", "disqualified": "dead"}


def with_event(before: Correspondence | None, event: Event) -> Correspondence | None:
    """The correspondence after one more event of `CORRESPONDENCE_TYPES`, given in the order in which they occurred."""
    known = before or _NOTHING
    if event.type in REPLIES:
        if known.replied_at >= 0 or event.is_automated:
            return before
        return replace(known, replied_at=event.occurred_at, replied_by=event.type)
    if known.contacted_at >= 0:
        return before
    return replace(known, contacted_at=event.occurred_at, contacted_by=event.type)


def lead_status(outcome: Outcome, correspondence: Correspondence | None) -> LeadStatus:
    """The status that follows: the outcome of a closed lead, else a reply, else a contact."""
    if outcome.name != OPEN:
        return LeadStatus(_ENDS[outcome.name], outcome.at, outcome.event_type)
    if correspondence is None:
        return LeadStatus()
    if correspondence.replied_at >= 0:
        return LeadStatus("replied", correspondence.replied_at, correspondence.replied_by)
    return LeadStatus("contacted", correspondence.contacted_at, correspondence.contacted_by)
