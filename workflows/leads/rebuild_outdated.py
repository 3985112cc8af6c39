"""Background rebuild of leads folded under another rulebook, or by another version of the fold. Fires no automation."""

from __future__ import annotations

import asyncio

from engine.runtime import Runtime
from workflows.leads.fold_failure import record
from workflows.leads.rebuild import try_rebuild

__all__ = ["rebuild_outdated"]

_LEADS_AT_A_TIME = 1000
_CONCURRENCY = 8
"""Transactions in flight; they touch different leads, so they do not wait for each other."""


async def rebuild_outdated(runtime: Runtime) -> int:
    """Rebuild some outdated leads. Returns how many; call again until none is left.

    Reads are right meanwhile, because they fold such a lead themselves. A lead that cannot be rebuilt gets a dead
    letter. A quarantined one is rebuilt up to its applied positions, and stays as it is if that fails.
    """
    label = runtime.rulebook.label
    found = await runtime.leads.states.stale_under(label, _LEADS_AT_A_TIME)
    letters = await runtime.operations.dead_letters.states(found)
    quarantined = {lead_id for lead_id, state in letters.items() if state == "quarantined"}
    left_alone = 0
    for start in range(0, len(found), _CONCURRENCY):
        if runtime.rulebook.label != label:
            break  # another rulebook was activated; the next call goes on with that one
        failures = await asyncio.gather(
            *(try_rebuild(runtime, lead_id) for lead_id in found[start : start + _CONCURRENCY])
        )
        for failure in filter(None, failures):
            if failure.lead_id in quarantined:
                left_alone += 1
            else:
                await record(runtime, failure)
    return len(found) - left_alone
