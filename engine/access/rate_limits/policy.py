"""A limit: so many in a row, and so many a second from then on."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

__all__ = ["Lease", "Policy"]


class Policy(Struct, frozen=True):
    """A token bucket holds `burst` tokens and is filled with `rate` tokens a second. What is limited costs one."""

    name: str
    rate: float
    burst: int

    @property
    def window(self) -> float:
        """Seconds in which an empty bucket is full again."""
        return self.burst / self.rate


class Lease(NamedTuple):
    """Tokens taken out of a bucket, how many are left in it, and the seconds until there is a whole one again."""

    granted: int
    left: float
    wait: float
