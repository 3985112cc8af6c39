"""A share of all leads, by a hash of their ids: what one of several processes works through."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

__all__ = ["ALL_LEADS", "Share"]


class Share(NamedTuple):
    """Share `number`, from 0 on, of `of` shares. Each lead is in exactly one, the same on every machine."""

    number: int
    of: int

    def holds(self, lead_id: str) -> bool:
        """Whether the lead is in this share."""
        digest = blake2b(lead_id.encode(), digest_size=8).digest()
        return self.of == 1 or int.from_bytes(digest) % self.of == self.number

    def __str__(self) -> str:
        return f"{self.number + 1}/{self.of}"


ALL_LEADS = Share(0, 1)
