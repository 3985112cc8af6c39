"""The protocol of channel adapters: check a recipient, and give one message away."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from msgspec import Struct

from domain.instant import Millis
from engine.outreach.message import Content

__all__ = ["Accepted", "Channel", "HandOver", "Letter", "Rejected", "Retry", "Sent", "Unknown"]


class Accepted(Struct, frozen=True):
    """The other side has taken the message; `provider_id` is how it knows it."""

    provider_id: str
    answer: str = ""


class Retry(Struct, frozen=True):
    """The message certainly did not go out, and may be tried again.

    `after` is the shortest pause that the other side asked for (milliseconds). `pauses_channel`: it is about the other
    side and not about this message, such as SMTP's 421 and a refused connection.
    """

    reason: str
    after: Millis = 0
    pauses_channel: bool = False


class Rejected(Struct, frozen=True):
    """The message certainly did not go out and never will. `suppress`: the recipient does not exist or wants none."""

    reason: str
    suppress: bool = False


class Unknown(Struct, frozen=True):
    """The message was given away and nobody answered: it may have gone out, so it is not sent again by itself."""

    reason: str


Sent = Accepted | Retry | Rejected | Unknown

HandOver = Callable[[], Awaitable[None]]
"""Called by an adapter right before the first byte that may put the message out of reach. What it raises must pass."""


class Letter(Struct, frozen=True, kw_only=True):
    """One message as an adapter gets it: what to send, and the ids that it travels under."""

    message_id: str
    lead_id: str
    mail_id: str
    content: Content
    thread: tuple[str, ...] = ()
    unsubscribe_url: str = ""


class Channel(Protocol):
    """An adapter. `channel` is the kind of message it carries, `name` the adapter itself."""

    channel: str
    name: str

    def recipient_fault(self, to: str) -> str | None:
        """What is wrong with an address of this channel; None if it can be sent to."""

    async def send(self, letter: Letter, hand_over: HandOver) -> Sent:
        """Make one attempt. Calls `hand_over` once, before anything that may make the message go out.

        Raises nothing else than what `hand_over` raises, as far as the adapter can help it: an exception after
        `hand_over` counts as `Unknown`, one before it as a failed attempt.
        """

    async def close(self) -> None:
        """Close connections."""
