"""The due pass: looks again at leads whose next change by time may have come, and records what has changed."""

from __future__ import annotations

from engine.runtime import Runtime
from workflows.decay.time_events import record_time

__all__ = ["record_due"]

_LEADS_AT_A_TIME = 500
_MAX_LEADS = 50_000
"""In one call; the next one goes on."""


async def record_due(runtime: Runtime) -> int:
    """Look at every lead that is due. Returns how many."""
    looked_at, now = 0, runtime.now()
    while looked_at < _MAX_LEADS:
        due = await runtime.leads.states.due(now, _LEADS_AT_A_TIME)
        recorded = await record_time(runtime, due, now)
        looked_at += recorded.looked_at
        if len(due) < _LEADS_AT_A_TIME or recorded.failed == len(due):
            break
    return looked_at
