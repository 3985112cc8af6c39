"""The opt-out in an event: the channels that the engine's reading of a reply closes."""

from __future__ import annotations

from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import REPLY_CLASSIFIED

__all__ = ["EVERY_CHANNEL", "is_suspected", "opted_out_channels", "refused_channels"]

EVERY_CHANNEL = "all"


def opted_out_channels(event: Event) -> tuple[str, ...]:
    """The channels that the event closes if it is the reading of a clear opt-out, not one that the classifier suspects."""
    return () if is_suspected(event) else refused_channels(event)


def is_suspected(reading: Event) -> bool:
    """Whether only the classifier has found the opt-out, so that a person is to judge it."""
    return reading.properties.get("suspected") is True


def refused_channels(event: Event) -> tuple[str, ...]:
    """The channels in which nothing is sent after the reading of an opt-out, clear or suspected; `EVERY_CHANNEL` for all."""
    if event.type != REPLY_CLASSIFIED or event.source != ENGINE_SOURCE:
        return ()
    if event.properties.get("intent") != "unsubscribe":
        return ()
    channels = event.properties.get("channels")
    named = [one for one in channels if isinstance(one, str) and one] if isinstance(channels, list) else []
    return tuple(named) or (EVERY_CHANNEL,)
