"""After a change of rules: folds the leads that an older rulebook scored anew, in the background. Fires nothing."""

from __future__ import annotations

import asyncio

from engine.runtime import Runtime
from workflows.rebuild_lead import rebuild_lead

__all__ = ["rebuild_outdated"]

_LEADS_AT_A_TIME = 1000
_AT_ONCE = 8
"""Transactions in flight; they touch different leads, so they do not wait for each other."""


async def rebuild_outdated(runtime: Runtime) -> int:
    """Rebuild some leads that another rulebook than the one in force has scored. Returns how many.

    Reads are right meanwhile: they fold such a lead anew. Call again until nothing is left.
    """
    label = runtime.rulebook.label
    outdated = await runtime.leads.scored_by_another(label, _LEADS_AT_A_TIME)
    for start in range(0, len(outdated), _AT_ONCE):
        if runtime.rulebook.label != label:
            break  # the rules changed again; begin anew with the newer ones
        await asyncio.gather(
            *(rebuild_lead(runtime, lead_id) for lead_id in outdated[start : start + _AT_ONCE])
        )
    return len(outdated)
