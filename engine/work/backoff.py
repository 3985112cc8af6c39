"""Back-off with jitter: the pause between a failed attempt and the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from domain.instant import Millis

__all__ = ["Backoff", "exponential", "scheduled"]

Backoff = Callable[[int, float], Millis]
"""The pause after so many failed attempts (1 at first), where a share from 0 to 1 picks the jitter."""


def exponential(first: Millis, longest: Millis) -> Backoff:
    """Pauses that double from `first` up to `longest`; jitter spreads each one over its upper half."""

    def pause(tries: int, share: float) -> Millis:
        upper = min(first * 2.0 ** (tries - 1), longest)
        return round(upper * (0.5 + share / 2))

    return pause


def scheduled(pauses: Sequence[Millis], jitter: float) -> Backoff:
    """The given pauses, one after each failed attempt; jitter makes each longer by up to this part of it.

    The returned function raises `IndexError` after the last attempt, which has no pause.
    """

    def pause(tries: int, share: float) -> Millis:
        return round(pauses[tries - 1] * (1 + jitter * share))

    return pause
