"""The velocity reading of a lead: the result of every velocity model."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["VelocityReading"]


class VelocityReading(Struct, frozen=True, gc=False):
    """How busy a lead is at one moment.

    Momentum (doublings of the lead's usual pace) and surge are given by models that know the usual pace.
    """

    velocity: float
    momentum: float | None = None
    surge: bool = False
