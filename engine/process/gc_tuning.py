"""Garbage-collector tuning for long-running processes: what start-up has loaded is frozen out of later collections.

Some hundred thousand objects of modules and models never become garbage, yet a full collection traverses all of them.
Measured in the API under load: pauses of 55 ms, twice per second; a tenth of its time and the whole of its p99.
"""

from __future__ import annotations

import gc

__all__ = ["freeze_heap"]

_YOUNG_OBJECTS = 10_000
"""Allocations minus deallocations after which the youngest generation is collected; Python's default is 700."""


def freeze_heap() -> None:
    """Move everything that exists now to the permanent generation, and collect new objects less often.

    To be called once, after a long-running process has loaded everything.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG_OBJECTS)
