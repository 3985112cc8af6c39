"""The delivery status of a message, folded from the events that say what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from domain.events.event import Event
from domain.outreach.vocabulary import (
    EMAIL_BOUNCED,
    EMAIL_CLICKED,
    EMAIL_COMPLAINED,
    EMAIL_DELIVERED,
    EMAIL_OPENED,
    EMAIL_UNSUBSCRIBED,
    MESSAGE_DELIVERED,
    MESSAGE_FAILED,
    MESSAGE_PLANNED,
    MESSAGE_READ,
    MESSAGE_RECEIVED,
    MESSAGE_SENT,
    MESSAGE_UNKNOWN,
    MESSAGE_WITHHELD,
)

__all__ = ["MESSAGE_EVENTS", "TAKEN", "MessageStatus", "message_status"]

MessageStatus = Literal[
    "planned",
    "withheld",
    "unknown",
    "failed",
    "discarded",
    "sent",
    "delivered",
    "opened",
    "clicked",
    "bounced",
    "complained",
    "unsubscribed",
    "replied",
]
"""What a rep reads; `discarded` is said by no event, but by the message itself. Of several events the one that says most counts, for they arrive in any order and some never."""

_STATUS: dict[str, MessageStatus] = {
    MESSAGE_PLANNED: "planned",
    MESSAGE_UNKNOWN: "unknown",
    MESSAGE_WITHHELD: "withheld",
    MESSAGE_FAILED: "failed",
    MESSAGE_SENT: "sent",
    EMAIL_DELIVERED: "delivered",
    MESSAGE_DELIVERED: "delivered",
    EMAIL_OPENED: "opened",
    MESSAGE_READ: "opened",
    EMAIL_CLICKED: "clicked",
    EMAIL_BOUNCED: "bounced",
    MESSAGE_RECEIVED: "replied",
    EMAIL_UNSUBSCRIBED: "unsubscribed",
    EMAIL_COMPLAINED: "complained",
}
_RANK = {status: rank for rank, status in enumerate(dict.fromkeys(_STATUS.values()))}

MESSAGE_EVENTS = frozenset(_STATUS)
"""Types of events that say something about a message, with the property `messageId`."""

TAKEN = frozenset(
    {MESSAGE_SENT, EMAIL_DELIVERED, MESSAGE_DELIVERED, EMAIL_OPENED, MESSAGE_READ, EMAIL_CLICKED}
)
"""Types that prove that a message went out."""


def message_status(events: Iterable[Event]) -> MessageStatus | None:
    """The status after these events of one message; None if there is none. Their order makes no difference."""
    found = (_STATUS[event.type] for event in events if event.type in _STATUS)
    return max(found, key=_RANK.__getitem__, default=None)
