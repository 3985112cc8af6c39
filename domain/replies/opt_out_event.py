"""The opt-out in an event: the channels that the engine's reading of a reply closes, for sure or on suspicion."""

from __future__ import annotations

from domain.events.event import Event

__all__ = ["EVERY_CHANNEL", "opted_out_channels", "refused_channels", "suspected_opt_out"]

EVERY_CHANNEL = "all"


def opted_out_channels(event: Event) -> tuple[str, ...]:
    """The channels that the event closes if it is the reading of a clear opt-out, not one that the classifier suspects."""
    return () if suspected_opt_out(event) is not None else refused_channels(event)


def suspected_opt_out(event: Event) -> float | None:
    """The probability of the opt-out that only the classifier has found, so that a person is to judge it; None if it is not such a reading."""
    if not event.is_reading:
        return None
    if event.properties.get("suspected") is True:  # up to 0.6.0 the suspicion took the place of the intent
        return _probability(event.properties.get("confidence"))
    return (
        _probability(event.properties["suspectedOptOut"]) if "suspectedOptOut" in event.properties else None
    )


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
