"""References from an event to the message of ours that it is about."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from domain.events.event import Event, Json

__all__ = ["mail_id_of", "message_references", "references_in"]

_MAIL_ID = re.compile(r"<?msg\.([0-9a-f]{32})@[^\s<>]+>?")
_OURS = re.compile(r"msg_[0-9a-f]{32}")


def mail_id_of(message_id: str) -> str:
    """The left part of the Message-ID of a message, the same over all attempts to send it."""
    return message_id.replace("_", ".")


def message_references(event: Event) -> Iterator[str]:
    """The ids of messages that the event names, most certain first."""
    return references_in(event.properties)


def references_in(properties: Mapping[str, Json]) -> Iterator[str]:
    """The ids of messages that properties name: by our id, a token in an address, or a Message-ID."""
    for name in ("messageId", "replyToken", "inReplyTo"):
        yield from _read(properties.get(name))
    references = properties.get("references")
    for one in reversed(references) if isinstance(references, list) else ():
        yield from _read(one)
    yield from _read(properties.get("providerId"))


def _read(value: Json) -> Iterator[str]:
    if not isinstance(value, str):
        return
    if _OURS.fullmatch(value):
        yield value
    elif found := _MAIL_ID.fullmatch(value.strip()):
        yield f"msg_{found[1]}"
