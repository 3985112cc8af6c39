"""The opt-out in an event: what the reading of a reply closes, for sure or on suspicion, and what a person has judged."""

from __future__ import annotations

from collections.abc import Collection

from domain.events.event import ENGINE_SOURCE, Event
from domain.events.vocabulary import REPLY_CLASSIFIED, REPLY_JUDGED

__all__ = [
    "EVERY_CHANNEL",
    "counts_as",
    "judged_opt_out",
    "opted_out_channels",
    "refused_channels",
    "suspected_opt_out",
]

EVERY_CHANNEL = "all"


def opted_out_channels(event: Event) -> tuple[str, ...]:
    """The channels that the event closes if it is the reading of a clear opt-out, or a person's word that it is one."""
    if judged_opt_out(event):
        return (EVERY_CHANNEL,)
    return () if suspected_opt_out(event) is not None else refused_channels(event)


def judged_opt_out(event: Event) -> bool | None:
    """Whether a person says in the event that a reply is an opt-out; None if the event is no such word."""
    if event.type != REPLY_JUDGED or event.source != ENGINE_SOURCE:
        return None
    return event.properties.get("optOut") is True


def suspected_opt_out(event: Event) -> float | None:
    """The probability of the opt-out that only the classifier has found, so that a person is to judge it; None if it is not such a reading."""
    if not event.is_reading:
        return None
    if event.properties.get("suspected") is True:  # up to 0.6.0 the suspicion took the place of the intent
        return _probability(event.properties.get("confidence"))
    return (
        _probability(event.properties["suspectedOptOut"]) if "suspectedOptOut" in event.properties else None
    )


def counts_as(event: Event, types: Collection[str]) -> bool:
    """Whether triggers and steps that wait for one of these types take the event for one.

    The reading of a reply in which an opt-out is suspected counts for nothing until a person clears it. Then the word of
    that person, which has the intent of the reading, counts as the reading.
    """
    if event.type in types:
        return suspected_opt_out(event) is None
    return REPLY_CLASSIFIED in types and judged_opt_out(event) is False and "intent" in event.properties


def refused_channels(event: Event) -> tuple[str, ...]:
    """The channels in which nothing is sent after the reading of an opt-out, clear or suspected; `EVERY_CHANNEL` for all."""
    if not event.is_reading:
        return ()
    if event.properties.get("intent") != "unsubscribe":
        return () if suspected_opt_out(event) is None else (EVERY_CHANNEL,)
    channels = event.properties.get("channels")
    named = [one for one in channels if isinstance(one, str) and one] if isinstance(channels, list) else []
    return tuple(named) or (EVERY_CHANNEL,)


def _probability(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 1.0
