"""Brings leads up to date: applies their new events, and starts what follows from them after the commit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from itertools import chain

from domain.instant import SECOND
from engine.automations.execution import AUTOMATION
from engine.leads.refold_budget import REFOLDS
from engine.runtime import Runtime
from engine.sequences.enrolment import SEQUENCE
from engine.teams.routing_request import ROUTING
from workflows.leads.apply_events import Applied, apply_events
from workflows.leads.fold_failure import record
from workflows.leads.fold_in_slices import fold_late_in_slices
from workflows.leads.rebuild import try_rebuild

__all__ = ["process_leads"]


async def process_leads(runtime: Runtime, lead_ids: Iterable[str]) -> int:
    """Apply all waiting events of these leads, one transaction per batch. Returns how many events.

    A lead whose fold raises keeps what could be applied and gets a dead letter; the others go on.
    """
    events, long = 0, set[str]()
    with runtime.leads.locks.claim(lead_ids) as claim:
        while claim.lead_ids:
            async with claim.acquire() as free:
                applied = await _apply_and_follow_up(runtime, free)
            events += applied.events
            long |= set(applied.long)
            claim.add(applied.unfinished)
    for lead_id in sorted(long):
        events += await _process_long(runtime, lead_id)
    return events


async def _process_long(runtime: Runtime, lead_id: str) -> int:
    """Fold or rebuild a long lead in slices and apply its events; all other leads are free meanwhile.

    If another process is at it, that one does the rest.
    """
    events, is_unfinished = 0, False
    with runtime.leads.locks.claim([lead_id]) as claim:
        while claim.lead_ids:
            async with claim.acquire():
                if not await _fold_long(runtime, lead_id):
                    return events
                applied = await _apply_and_follow_up(runtime, [lead_id])
                events += applied.events
                is_unfinished = bool(applied.unfinished)
    return events + (await process_leads(runtime, [lead_id]) if is_unfinished else 0)


async def _fold_long(runtime: Runtime, lead_id: str) -> bool:
    """Whether the lead can be applied now: it is rebuilt, or the slices of its fold are done."""
    lead = (await runtime.leads.states.get_encoded([lead_id])).get(lead_id)
    if lead is None or not lead.is_current(runtime.rulebook.label):
        failure = await try_rebuild(runtime, lead_id)
    else:
        failure = await fold_late_in_slices(runtime, lead_id)
        if failure is not None:
            await try_rebuild(runtime, lead_id)  # its history is corrected up to the event
    if failure is not None:
        await record(runtime, failure)
    return failure is None


async def _apply_and_follow_up(runtime: Runtime, lead_ids: Sequence[str]) -> Applied:
    applied = await apply_events(runtime, lead_ids)
    runtime.leads.notifications.publish(applied.positions)
    for lead_id in applied.outdated:
        if failure := await try_rebuild(runtime, lead_id):
            applied.failures.append(failure)
    await _keep_to_budget(runtime, applied)
    for failure in applied.failures:
        await record(runtime, failure)
    if applied.recovered:
        await runtime.operations.dead_letters.resolve(applied.recovered)
    await _wake_sequences(runtime, applied)
    if applied.executions:
        await runtime.work.wake_ups.announce(AUTOMATION)
    if applied.routing:
        await runtime.work.wake_ups.announce(ROUTING)
    if applied.owners:
        await runtime.automations.task_owners.settle(applied.owners)
    return applied


async def _wake_sequences(runtime: Runtime, applied: Applied) -> None:
    """Let the sequences of these leads look at once; one that is not woken looks at its due time, and before it sends."""
    enrolments = runtime.sequences.enrolments
    if not applied.positions or not await enrolments.is_any_active():
        return
    merged = (await runtime.identity.streams.membership(applied.positions)).streams.values()
    lead_ids = {
        *applied.positions,
        *chain.from_iterable(merged),
    }  # of one enrolled before its lead was merged
    if await enrolments.wake(lead_ids, applied.types, runtime.now()):
        await runtime.work.wake_ups.announce(SEQUENCE)


async def _keep_to_budget(runtime: Runtime, applied: Applied) -> None:
    """Count what public senders have caused, and enqueue the leads that wait when their time has come."""
    budget, now = runtime.leads.refolds, runtime.now()
    for lead_id, (sender, events) in applied.refolded.items():
        if lead_id not in applied.postponed:
            budget.spend(sender, lead_id, events, now)
    for lead_id, sender in applied.postponed.items():
        wait = budget.postpone(sender, lead_id, now)
        enqueue = partial(runtime.work_queue.try_enqueue_leads, [lead_id])
        runtime.leads.delayed.call(wait / SECOND, lead_id, enqueue)
    if applied.refolded or applied.postponed:
        await runtime.operations.loops.completed(REFOLDS, budget.outcomes)
