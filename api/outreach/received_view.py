"""What a lead wrote, as lists show it."""

from __future__ import annotations

from datetime import datetime

from api.http.view import View
from domain.events.event import Event
from domain.instant import to_datetime
from domain.privacy.personal_fields import ERASED

__all__ = ["ReceivedView", "received_view"]

_MAX_PREVIEW = 2000
"""Characters of a text in a list."""


class ReceivedView(View, frozen=True):
    """What a lead wrote; `text` has its first 2,000 characters, null if it was erased or never known."""

    event_id: str
    type: str
    channel: str | None
    subject: str | None
    text: str | None
    at: datetime


def received_view(event: Event) -> ReceivedView:
    """What the event says."""
    text = _text(event, "messageBody")
    return ReceivedView(
        event_id=event.event_id,
        type=event.type,
        channel=_text(event, "channel"),
        subject=_text(event, "messageSubject"),
        text=None if text is None else text[:_MAX_PREVIEW],
        at=to_datetime(event.occurred_at),
    )


def _text(event: Event, name: str) -> str | None:
    value = event.properties.get(name)
    return value if isinstance(value, str) and value not in {"", ERASED} else None
