"""The reply in an event: its text, subject and day, as far as the event has them."""

from __future__ import annotations

import hashlib

from domain.events.event import Event
from domain.instant import to_datetime
from domain.privacy.personal_fields import ERASED, UNREADABLE
from domain.replies.classify import Reply

__all__ = ["AUTO_REPLIED", "reading_id", "reply_in"]

AUTO_REPLIED = "email.auto_replied"
"""The answer of a machine, as its headers say."""

_TEXTS = ("messageBody", "message", "text", "body")
_SUBJECTS = ("messageSubject", "subject")


def reply_in(event: Event) -> Reply | None:
    """The reply in an event with its personal fields opened; None if it has no text, or that was erased."""
    text, subject = _first(event, _TEXTS), _first(event, _SUBJECTS)
    if not text and not subject:
        return None
    headers = {"auto-submitted": "auto-replied"} if event.type == AUTO_REPLIED else {}
    received = to_datetime(event.received_at).date()
    return Reply(text=text, subject=subject, headers=headers, received=received)


def reading_id(stream_id: str, event_id: str) -> str:
    """The id of the one event `reply.classified` of a reply."""
    digest = hashlib.blake2b(f"{stream_id}\x1f{event_id}".encode(), digest_size=16).hexdigest()
    return f"classified:{digest}"


def _first(event: Event, names: tuple[str, ...]) -> str:
    for name in names:
        value = event.properties.get(name)
        if isinstance(value, str) and value not in {ERASED, UNREADABLE}:
            return value
    return ""
