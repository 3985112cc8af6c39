"""Nested samples of all leads by a hash of their ids: each round doubles the one before, and every lead has the same chance."""

from __future__ import annotations

from hashlib import blake2b

__all__ = ["ALL", "end_of_round", "place_of"]

ALL = 2**63 - 1
"""Behind every place."""


def place_of(lead_id: str) -> int:
    """The place of the lead, evenly spread over 0 to 2**63 - 2, the same on every machine."""
    digest = blake2b(lead_id.encode("utf-8", "surrogatepass"), digest_size=8, person=b"rule lab").digest()
    return min(int.from_bytes(digest, "big") >> 1, ALL - 1)


def end_of_round(first: int, number: int) -> int:
    """The place before which the leads of rounds 0 to `number` lie, of which round 0 ends at `first`; -1 for no round."""
    return 0 if number < 0 else min(first << number, ALL)
