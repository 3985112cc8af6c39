"""Fixed choices by hash: which variant of a step a lead gets, and whether it is held out. The same lead always gets the same."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

__all__ = ["chosen", "is_held_out"]

_BITS = 64


def _share(*names: str) -> float:
    """A number from 0 to below 1 that the names alone decide."""
    digest = blake2b("\x1f".join(names).encode(), digest_size=_BITS // 8).digest()
    return (int.from_bytes(digest) >> 11) / (1 << (_BITS - 11))


def chosen(weights: Sequence[float], lead_id: str, sequence: str, step: str) -> int:
    """The index of the variant for the lead; each gets its weight's share of the leads."""
    point = _share("variant", lead_id, sequence, step) * sum(weights)
    for index, weight in enumerate(weights):
        point -= weight
        if point < 0:
            return index
    return len(weights) - 1


def is_held_out(percent: float, lead_id: str, sequence: str) -> bool:
    """Whether the lead belongs to the share that gets nothing, for comparison; the same under every version."""
    return _share("holdout", lead_id, sequence) * 100 < percent
