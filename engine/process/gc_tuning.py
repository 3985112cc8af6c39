"""Keeps the garbage collector from stopping a process that serves.

What a process has loaded, some hundred thousand objects of modules and models, never becomes garbage, yet a full
collection looks through all of it. Measured in the API under load: 55 ms, twice a second, during which nothing is
answered; a tenth of its time and the whole of its p99.
"""

from __future__ import annotations

import gc

__all__ = ["freeze_heap"]

_YOUNG_OBJECTS = 10_000
"""Objects made, less those freed by their reference counts, between two looks at the youngest; Python's own is 700."""


def freeze_heap() -> None:
    """Take all that exists now out of every later collection, and look at new objects less often.

    To be called once, when a process that runs for long has loaded everything.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
