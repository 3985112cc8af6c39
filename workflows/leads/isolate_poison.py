"""Isolation of poison leads, which kill the worker that folds them.

After a worker has died, the leads it had in flight are folded one at a time until the culprit is quarantined.
"""

from __future__ import annotations

from collections.abc import Iterable

from engine.runtime import Runtime
from workflows.leads.fold_failure import FoldFailure, record
from workflows.leads.process import process_leads

__all__ = ["isolate_poison_leads", "suspect_leads_of_dead_workers"]

_REASON = "Its worker died while it folded this lead alone."


async def isolate_poison_leads(runtime: Runtime, lead_ids: Iterable[str]) -> None:
    """Apply all waiting events of these leads, tracked as in flight meanwhile.

    A suspect is processed alone, so that its worker's death would prove it poisonous, and cleared once that succeeds.
    """
    wanted = set(lead_ids)
    suspects = await runtime.operations.dead_letters.suspects(wanted)
    if others := wanted - suspects:
        async with runtime.operations.in_flight.track(others):
            await process_leads(runtime, others)
    for lead_id in sorted(suspects):
        async with runtime.operations.in_flight.track_exclusively(lead_id):
            await process_leads(runtime, [lead_id])
            await runtime.operations.dead_letters.clear_suspicion(lead_id)


async def suspect_leads_of_dead_workers(runtime: Runtime) -> int:
    """Suspect every lead that was in flight in a worker that died. Returns how many.

    Each further death with nothing but a suspect in flight counts as a failed fold of that lead.
    """
    suspected = 0
    for lead_ids in await runtime.operations.in_flight.claim_of_dead_workers():
        suspected += len(lead_ids)
        if len(lead_ids) == 1 and await runtime.operations.dead_letters.suspects(lead_ids):
            await record(runtime, FoldFailure(lead_ids[0], 0, "", _REASON))
        await runtime.operations.dead_letters.suspect(lead_ids, runtime.now())
    return suspected
