"""The hours of a broadcast: when its send window opens where a lead lives."""

from __future__ import annotations

from datetime import tzinfo

from domain.campaigns.definition import BroadcastWindow
from domain.instant import Millis
from domain.sequences.window import SendWindowSection, next_open

__all__ = ["next_hour"]


def next_hour(window: BroadcastWindow, at: Millis, zone: tzinfo, country: str | None) -> Millis | None:
    """The first moment from `at` on in the window, by the clock and the holidays of the lead; None if there is none within a year."""
    hours = SendWindowSection(
        days=window.days, opens=window.opens, closes=window.closes, holidays=window.holidays
    )
    return next_open(hours, at, zone, country)
