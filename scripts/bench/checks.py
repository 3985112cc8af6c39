"""Checks that a measured result is correct, before its speed counts."""

from __future__ import annotations

__all__ = ["WrongResult", "verify"]


class WrongResult(Exception):
    """The engine did something wrong while it was measured; its figure means nothing."""


def verify(holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise `WrongResult` unless what was measured was right."""
    if not holds:
        raise WrongResult(otherwise)
