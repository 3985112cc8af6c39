"""The id of a message in each wire format: what makes a repeated delivery a duplicate."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.capture.captured import Message
from domain.capture.formats import Format
from domain.capture.mapping import text_of

__all__ = ["MESSAGE_ID"]


def _of_segment(message: Message) -> str:
    return text_of(message.get("messageId"))


def _of_posthog(message: Message) -> str:
    return text_of(message.get("uuid")) or text_of(message.get("$insert_id"))


def _of_cloudevents(message: Message) -> str:
    """Source and id together identify a CloudEvent."""
    source, given = text_of(message.get("source")), text_of(message.get("id"))
    return f"{source}#{given}" if source and given else ""


MESSAGE_ID: Mapping[Format, Callable[[Message], str]] = {
    "segment": _of_segment,
    "posthog": _of_posthog,
    "cloudevents": _of_cloudevents,
}
"""By format. Returns an empty text for a message without an id."""
