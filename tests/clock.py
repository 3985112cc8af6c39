"""The clock of tests: it stands still until a test moves it."""

from __future__ import annotations

__all__ = ["NOON", "Clock"]

NOON = 1_795_348_800_000
"""2026-11-22 12:00 UTC in milliseconds since 1970, the moment at which every test begins."""


class Clock:
    """A clock that tests move by hand, in milliseconds since 1970."""

    def __init__(self) -> None:
        self.at = NOON

    def __call__(self) -> int:
        return self.at
