"""Bursts of clicks: a scanner follows every link of a message at once, which no person does."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from domain.instant import SECOND, Millis

__all__ = ["Click", "scanned"]

_WINDOW = 10 * SECOND
"""Within which different links of one message are followed by a machine."""
_LINKS = 3
_AFTER_DELIVERY: Millis = 60 * SECOND
"""So soon after the delivery two links are enough."""


class Click(Struct, frozen=True):
    """A click on a link of a message, by the id of its event."""

    event_id: str
    at: Millis
    url: str


def scanned(clicks: Sequence[Click], delivered_at: Millis | None) -> dict[str, str]:
    """The clicks on links of one message that a machine made, by the ids of their events, each with the reason."""
    found: dict[str, str] = {}
    ordered = sorted(clicks, key=lambda click: (click.at, click.event_id))
    for number, first in enumerate(ordered):
        window = [click for click in ordered[number:] if click.at - first.at <= _WINDOW]
        links = len({click.url for click in window})
        soon = delivered_at is not None and 0 <= first.at - delivered_at <= _AFTER_DELIVERY
        if links >= _LINKS or (soon and links > 1):
            reason = f"{links} links of the message were followed within {_WINDOW // SECOND} seconds"
            found |= {click.event_id: found.get(click.event_id, reason) for click in window}
    return found
