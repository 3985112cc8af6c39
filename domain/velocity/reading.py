"""A velocity reading: how busy a lead is at one moment, as every velocity model answers it."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["VelocityReading"]


class VelocityReading(Struct, frozen=True, gc=False):
    """How busy a lead is. Momentum (doublings of its usual pace) and surge are given by models that know the usual."""

    velocity: float
    momentum: float | None = None
    surge: bool = False
