"""After a change of rules: folds the leads that an older rulebook scored anew, in the background. Fires nothing."""

from __future__ import annotations

import asyncio

from engine.runtime import Runtime
from workflows.leads.fold_failure import record
from workflows.leads.rebuild import try_rebuild

__all__ = ["rebuild_outdated"]

_LEADS_AT_A_TIME = 1000
_AT_ONCE = 8
"""Transactions in flight; they touch different leads, so they do not wait for each other."""


async def rebuild_outdated(runtime: Runtime) -> int:
    """Rebuild some leads that another rulebook than the one in force has scored. Returns how many.

    Reads are right meanwhile: they fold such a lead anew. Call again until nothing is left. A lead that cannot be
    rebuilt gets a dead letter; one that is quarantined is left alone.
    """
    label = runtime.rulebook.label
    found = await runtime.leads.states.stale_under(label, _LEADS_AT_A_TIME)
    failed = await runtime.operations.dead_letters.states(found)
    outdated = [lead_id for lead_id in found if failed.get(lead_id) != "quarantined"]
    for start in range(0, len(outdated), _AT_ONCE):
        if runtime.rulebook.label != label:
            break  # the rules changed again; begin anew with the newer ones
        failures = await asyncio.gather(
            *(try_rebuild(runtime, lead_id) for lead_id in outdated[start : start + _AT_ONCE])
        )
        for failure in filter(None, failures):
            await record(runtime, failure)
    return len(outdated)
