"""The assessment of a lead at one moment, in three types: mark, measurements, assessment."""

from __future__ import annotations

from msgspec import Struct

from domain.decisions.outcome import OPEN, OutcomeName
from domain.instant import Millis

__all__ = ["Assessment", "Mark", "Measurements"]


class Mark(Struct, frozen=True, gc=False, rename="camel"):
    """A lead's score (points) and stage at the moment `at`: all that a fold works out at every event."""

    at: Millis
    score: float
    stage: str


class Measurements(Mark, frozen=True, gc=False, rename="camel"):
    """A mark with everything else that is measured at that moment, which decides what to do next.

    `velocity` is in the rulebook's unit. `grade`, `momentum` (doublings of the usual pace), `surge` and
    `risk_probability` (of having gone cold) are empty under rulebooks that do not measure them. `closed_channels` are
    the ways in which the lead must not be contacted, even if it may be in others.
    """

    velocity: float
    risk: str
    grade: str = ""
    momentum: float | None = None
    surge: bool = False
    risk_probability: float | None = None
    open_conversation: bool = False
    suppressed: bool = False
    outcome: OutcomeName = OPEN
    closed_channels: tuple[str, ...] = ()


class Assessment(Measurements, frozen=True, gc=False, kw_only=True, rename="camel"):
    """Measurements and the next action that follows from them; "" for a lead without events."""

    next_action: str
