"""Types of the events of outreach: what the engine does with a message, and what providers say became of it."""

from __future__ import annotations

__all__ = [
    "EMAIL_BOUNCED",
    "EMAIL_CLICKED",
    "EMAIL_COMPLAINED",
    "EMAIL_DELIVERED",
    "EMAIL_OPENED",
    "EMAIL_UNSUBSCRIBED",
    "MESSAGE_DELIVERED",
    "MESSAGE_FAILED",
    "MESSAGE_PLANNED",
    "MESSAGE_READ",
    "MESSAGE_RECEIVED",
    "MESSAGE_SENT",
    "MESSAGE_UNKNOWN",
    "MESSAGE_WITHHELD",
    "REP_REPLY",
]

MESSAGE_PLANNED = "message.planned"
"""A message is stored and will be sent when it is due; properties: messageId, channel, dueAt, by."""

MESSAGE_SENT = "message.sent"
"""A server or provider has taken the message; properties: messageId, channel, providerId."""

MESSAGE_UNKNOWN = "message.unknown"
"""Whether the message went out is not known; it is not sent again by itself."""

MESSAGE_WITHHELD = "message.withheld"
"""The message was not sent, on purpose; properties: messageId, channel, reasons."""

MESSAGE_FAILED = "message.failed"
"""The message could not be sent and will not be tried again; properties: messageId, channel, reason."""

REP_REPLY = "rep_reply"
"""We have answered what the lead wrote; properties: messageId, channel."""

MESSAGE_DELIVERED = "message.delivered"
MESSAGE_READ = "message.read"
MESSAGE_RECEIVED = "message.received"
"""The lead has written to us; properties: channel, messageBody, inReplyTo (its Message-ID, or our id)."""

EMAIL_DELIVERED = "email.delivered"
EMAIL_OPENED = "email.opened"
EMAIL_CLICKED = "email.clicked"
EMAIL_BOUNCED = "email.bounced"
EMAIL_COMPLAINED = "email.complained"
EMAIL_UNSUBSCRIBED = "email.unsubscribed"
