"""The policy of a token bucket: its burst and its rate."""

from __future__ import annotations

from typing import NamedTuple

from msgspec import Struct

__all__ = ["Lease", "Policy"]


class Policy(Struct, frozen=True):
    """A token bucket holds `burst` tokens and is refilled with `rate` tokens per second. A request costs one."""

    name: str
    rate: float
    burst: int

    @property
    def window(self) -> float:
        """Seconds until an empty bucket is full again."""
        return self.burst / self.rate


class Lease(NamedTuple):
    """Tokens that were granted, tokens left in the bucket, and seconds until there is a whole one again."""

    granted: int
    left: float
    wait: float
