"""Types of events that analytics counts, by what they say about a message."""

from __future__ import annotations

from domain.events.vocabulary import (
    EVENT_RETRACTED,
    LEAD_ASSIGNED,
    MEMBERSHIP,
    REPLY_CLASSIFIED,
    REPLY_JUDGED,
)
from domain.instant import DAY, Millis
from domain.outreach.status import MESSAGE_EVENTS
from domain.outreach.vocabulary import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_COMPLAINED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_UNSUBSCRIBED,
    MESSAGE_DELIVERED,
    MESSAGE_FAILED,
    MESSAGE_READ,
    MESSAGE_UNKNOWN,
    MESSAGE_WITHHELD,
)
from domain.outreach.withhold import REPLIES
from domain.sequences.stops import MEETINGS
from domain.sequences.vocabulary import SEQUENCE_ENROLLED, SEQUENCE_STEP_DONE

__all__ = [
    "CLICKS",
    "COUNTED",
    "DELIVERIES",
    "FATES",
    "MEETINGS",
    "OPENS",
    "OPT_OUTS",
    "RESPONSES",
    "RESPONSE_WINDOW",
    "UNREAD",
]

RESPONSE_WINDOW: Millis = 30 * DAY
"""How long after a message a response that names none still belongs to it."""

UNREAD = "unread"
"""The intent of a reply that was not classified yet."""

DELIVERIES = frozenset({EMAIL_DELIVERED, MESSAGE_DELIVERED})
OPENS = frozenset({EMAIL_OPENED, MESSAGE_READ})
CLICKS = frozenset({EMAIL_CLICKED})
OPT_OUTS = frozenset({EMAIL_UNSUBSCRIBED, "consent.withdrawn"})
FATES = frozenset({MESSAGE_WITHHELD, MESSAGE_FAILED, MESSAGE_UNKNOWN})

RESPONSES = REPLIES | MEETINGS | OPT_OUTS | {EMAIL_COMPLAINED, EMAIL_BOUNCED}
"""Types of what a recipient, or its mail server, does about a message, whether or not it names it."""

COUNTED = (
    MESSAGE_EVENTS
    | RESPONSES
    | MEMBERSHIP
    | {REPLY_CLASSIFIED, REPLY_JUDGED, LEAD_ASSIGNED, EVENT_RETRACTED}
    | {SEQUENCE_ENROLLED, SEQUENCE_STEP_DONE}
)
"""Every type that makes a difference, besides those of a win, which the rulebook names."""
