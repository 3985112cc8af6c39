"""Growth of the processor time of a call with the size of its input, for tests that nothing grows faster than its input."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["assert_linear"]

_MAX_GROWTH = 8.0
"""Largest ratio of the time for 4n to that for n: linear time gives 4, quadratic 16."""
_NOTICEABLE_SECONDS = 0.01
_ROUNDS = 3


def assert_linear(call: Callable[[str], object], text_of: Callable[[int], str], n: int = 4000) -> None:
    """Fails if the processor time of `call` grows faster than its text. Measures again first: others disturb it.

    A text of 4n that takes no time worth measuring passes at once: quadratic steps of 5 ns would take a second.
    """
    ratios: list[float] = []
    while len(ratios) < _ROUNDS:
        if (long := _seconds(call, text_of(4 * n))) < _NOTICEABLE_SECONDS:
            return
        ratios.append(long / _seconds(call, text_of(n)))
        if ratios[-1] < _MAX_GROWTH:
            return
    raise AssertionError(f"four times the text takes {ratios} times as long: {text_of(20)!r}...")


def _seconds(call: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    call(text)
    return time.thread_time() - began
