"""Counts of messages by what they are of, and the names of what is counted."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from domain.analytics.interval import Share, wilson

__all__ = ["GROUPINGS", "OF_LEADS", "Counts", "Grouping", "Measure", "shares"]

Grouping = Literal["sequence", "step", "variant", "channel", "campaign"]

GROUPINGS: dict[Grouping, tuple[str, ...]] = {
    "sequence": ("sequence", "version"),
    "step": ("sequence", "version", "step"),
    "variant": ("sequence", "version", "step", "variant"),
    "channel": ("channel",),
    "campaign": ("campaign",),
}
"""What the messages of one row have in common. A message without one of these is in no row."""

Measure = Literal[
    "messages",
    "sent",
    "withheld",
    "failed",
    "unknown",
    "delivered",
    "opened",
    "clicked",
    "replied",
    "meetings",
    "optOuts",
    "complaints",
    "bounces",
    "leads",
    "conversions",
]

OF_LEADS: frozenset[Measure] = frozenset({"leads", "conversions"})
"""What is counted once per lead; all else is counted per message."""

_OF_SENT = ("delivered", "opened", "clicked", "replied", "meetings", "optOuts", "complaints", "bounces")


class Counts(Struct, frozen=True, kw_only=True):
    """The numbers of one row. `withheld_by` and `replied_by` count a message under each of its reasons and intents."""

    sequence: str | None = None
    version: int | None = None
    step: str | None = None
    variant: str | None = None
    channel: str | None = None
    campaign: str | None = None
    numbers: dict[Measure, int]
    withheld_by: dict[str, int] = {}
    replied_by: dict[str, int] = {}


def shares(counts: Counts) -> dict[str, Share]:
    """Shares with 95 % intervals: conversions of the leads written to, all else of the messages sent; none without any."""
    numbers: dict[str, int] = {str(name): number for name, number in counts.numbers.items()}
    pairs = {name: (numbers[name], numbers["sent"]) for name in _OF_SENT}
    pairs["conversions"] = numbers["conversions"], numbers["leads"]
    found = {name: wilson(successes, trials) for name, (successes, trials) in pairs.items()}
    return {name: share for name, share in found.items() if share is not None}
