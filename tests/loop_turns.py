"""The longest stretch between two turns of an event loop, in processor time, so that other processes do not count."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator

__all__ = ["LoopTurns", "unit_of_work", "watched_turns"]


def unit_of_work(rounds: int = 5) -> float:
    """Seconds of processor time that a fixed piece of work takes in this process, the median of some rounds: some 10 ms on a core of its own.

    What is compared with it may be measured on a machine of any speed, busy or not.
    """
    taken = []
    for _ in range(rounds):
        start = time.thread_time()
        sum(number & 7 for number in range(300_000))
        taken.append(time.thread_time() - start)
    return sorted(taken)[rounds // 2]


class LoopTurns:
    """What has been measured so far."""

    longest = 0.0
    """Seconds of processor time of this thread between two turns of the loop."""


@contextlib.contextmanager
def watched_turns() -> Iterator[LoopTurns]:
    """Measure while the context is open, on the running loop; another task waits no longer than that for its turn."""
    loop, found = asyncio.get_running_loop(), LoopTurns()
    last, handle = time.thread_time(), None

    def turn() -> None:
        nonlocal last, handle
        now = time.thread_time()
        found.longest, last = max(found.longest, now - last), now
        handle = loop.call_soon(turn)

    turn()
    try:
        yield found
    finally:
        assert handle is not None
        handle.cancel()
