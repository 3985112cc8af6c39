"""The start of a fold that is done again: where it begins for leads with late events, and the events since.

Leads of up to 1,000 events begin with their first event. Longer ones begin at their last checkpoint before the late events,
so that one that is late by a day costs no more than the events since.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.leads.late import FoldedAgain, Start
from domain.leads.state import LeadState, initial_state
from engine.leads.checkpoint_store import CHECKPOINT_EVENTS, FoldCheckpoint
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.leads.fold_arrived import Arrived

__all__ = ["SHORT", "keep_checkpoints", "starts_of"]

SHORT = 1000
"""Events of a lead without checkpoints."""


async def starts_of(
    runtime: Runtime, states: Mapping[str, LeadState], arrived: Mapping[str, Arrived], session: Session
) -> dict[str, Start]:
    """Where the fold of each lead with late or replaced events begins again."""
    late = [
        lead_id
        for lead_id, of_lead in arrived.items()
        if lead_id in states and of_lead.is_late(states[lead_id])
    ]
    starts: dict[str, Start] = {}
    for lead_id in late:
        if states[lead_id].events > SHORT:
            checkpoint = await runtime.leads.checkpoints.last_before(
                lead_id, arrived[lead_id].since(), runtime.rulebook.label, session
            )
            if checkpoint is not None:
                starts[lead_id] = await _start_at(runtime, checkpoint, states[lead_id], session)
    if first := [lead_id for lead_id in late if lead_id not in starts]:
        found = await runtime.capture.events.of_leads(first, session)
        for lead_id in first:
            applied = states[lead_id].applied
            events = [one.decode() for one in found[lead_id] if applied.includes(one.position)]
            starts[lead_id] = Start(initial_state(lead_id, runtime.rulebook), events)
    return starts


async def _start_at(
    runtime: Runtime, checkpoint: FoldCheckpoint, state: LeadState, session: Session
) -> Start:
    store = runtime.capture.events
    events = await store.since(state.lead_id, checkpoint.applied, state.applied, session)
    events += await store.at(state.lead_id, checkpoint.later, session)
    return Start(checkpoint.state, [one.decode() for one in events])


async def keep_checkpoints(
    runtime: Runtime,
    before: LeadState | None,
    arrived: Arrived,
    folded: FoldedAgain,
    session: Session,
) -> None:
    """Drop the checkpoints of a lead that its late events have made wrong, and keep a new one from time to time."""
    state, checkpoints = folded.state, runtime.leads.checkpoints
    if state.events <= SHORT:
        return
    if before is not None and arrived.is_late(before):
        await checkpoints.drop(state.lead_id, session, after=arrived.since())
    if folded.checkpoint is not None:
        later = tuple(event.position for event in folded.checkpoint.events)
        await checkpoints.put(FoldCheckpoint(folded.checkpoint.state, state.applied, later), session)
    elif before is None or before.events // CHECKPOINT_EVENTS < state.events // CHECKPOINT_EVENTS:
        await checkpoints.put(FoldCheckpoint(state, state.applied, ()), session)
