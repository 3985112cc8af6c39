"""A sum whose contributions halve in each half-life, in whatever order they are added.

Cohen and Strauss, Maintaining time-decaying stream aggregates (2003, 2006); Cormode et al., Forward decay (2009).
"""

from __future__ import annotations

from msgspec import Struct

from domain.instant import DAY, Millis

__all__ = ["DecayedSum", "decayed"]


def decayed(share_of: float, age: Millis, half_life_days: float | None) -> float:
    """The rest of a quantity after `age`; all of it if it never fades."""
    if half_life_days is None:
        return share_of
    return share_of * float(2.0 ** (-age / (half_life_days * DAY)))


class DecayedSum(Struct, frozen=True, gc=False, rename="camel"):
    """The quantity `amount` as of the moment `at`. O(1) however much was added."""

    amount: float = 0.0
    at: Millis = 0

    def add(self, amount: float, at: Millis, half_life_days: float | None) -> DecayedSum:
        """With `amount` more, contributed at `at`: the same whatever the order of calls."""
        if at >= self.at:
            return DecayedSum(decayed(self.amount, at - self.at, half_life_days) + amount, at)
        return DecayedSum(self.amount + decayed(amount, self.at - at, half_life_days), self.at)

    def read(self, as_of: Millis, half_life_days: float | None) -> float:
        """The quantity at `as_of`."""
        return decayed(self.amount, as_of - self.at, half_life_days)

    def merge(self, other: DecayedSum, half_life_days: float | None) -> DecayedSum:
        """Both quantities together."""
        return self.add(other.amount, other.at, half_life_days)
