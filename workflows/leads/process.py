"""Brings leads up to date: applies their new events, and starts what follows from them after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.automations.execution import AUTOMATION
from engine.runtime import Runtime
from engine.teams.routing_request import ROUTING
from workflows.leads.apply_events import Applied, apply_events
from workflows.leads.fold_failure import record
from workflows.leads.rebuild import try_rebuild

__all__ = ["process_leads"]


async def process_leads(runtime: Runtime, lead_ids: Iterable[str]) -> int:
    """Apply all waiting events of these leads, one transaction per batch. Returns how many events.

    A lead whose fold raises keeps what could be applied and gets a dead letter; the others go on.
    """
    events = 0
    with runtime.leads.locks.claim(lead_ids) as claim:
        while claim.lead_ids:
            async with claim.acquire() as free:
                applied = await _apply_and_follow_up(runtime, free)
            events += applied.events
            claim.add(applied.unfinished)
    return events


async def _apply_and_follow_up(runtime: Runtime, lead_ids: Sequence[str]) -> Applied:
    applied = await apply_events(runtime, lead_ids)
    runtime.leads.notifications.publish(applied.positions)
    for lead_id in applied.outdated:
        if failure := await try_rebuild(runtime, lead_id):
            applied.failures.append(failure)
    for failure in applied.failures:
        await record(runtime, failure)
    if applied.recovered:
        await runtime.operations.dead_letters.resolve(applied.recovered)
    if applied.executions:
        await runtime.work.wake_ups.announce(AUTOMATION)
    if applied.routing:
        await runtime.work.wake_ups.announce(ROUTING)
    return applied
