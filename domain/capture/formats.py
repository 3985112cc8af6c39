"""The wire formats by name: how a message of each becomes an event."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Literal

from domain.capture import cloudevents, posthog, segment
from domain.capture.captured import Captured, Message
from domain.capture.mapping import SourceMapping

__all__ = ["READERS", "Format", "Reader"]

Format = Literal["segment", "posthog", "cloudevents"]
Reader = Callable[[Message, SourceMapping], Captured]
"""Returns the event of a message. Raises `Invalid` with pointers into the message."""

READERS: Mapping[Format, Reader] = {
    "segment": segment.read,
    "posthog": posthog.read,
    "cloudevents": cloudevents.read,
}
