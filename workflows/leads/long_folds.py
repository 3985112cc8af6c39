"""Leads with so many events to fold again that it is done in slices: set apart from the batch in which they arrive."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from domain.leads.late import Start
from domain.leads.state import LeadState
from engine.capture.retractions import retraction_in
from engine.capture.stored_event import StoredEvent
from engine.leads.slice_store import SliceProgress
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.leads.fold_arrived import decode_arrived
from workflows.leads.fold_in_slices import MOST_AT_ONCE

__all__ = ["SetApart", "set_long_folds_apart"]


class SetApart(Struct, frozen=True):
    """The events of a batch without those of leads that are to be folded in slices first.

    `starts` and `replaced` are of leads whose slices are done: where the fold begins, and the events that others stand for.
    """

    events: Sequence[StoredEvent]
    long: list[str]
    starts: dict[str, Start]
    replaced: dict[str, list[StoredEvent]]


async def set_long_folds_apart(
    runtime: Runtime, states: Mapping[str, LeadState], events: Sequence[StoredEvent], session: Session
) -> SetApart:
    """Find the long leads among those of the events; for all others it costs one comparison per lead."""
    by_lead: dict[str, list[StoredEvent]] = defaultdict(list)
    for event in events:
        by_lead[event.lead_id].append(event)
    large = [lead for lead in by_lead if lead in states and states[lead].events > MOST_AT_ONCE]
    if not large:
        return SetApart(events, [], {}, {})
    found = SetApart([], [], {}, {})
    slices = await runtime.leads.slices.get_many(large, session)
    for lead_id in large:
        state, progress = states[lead_id], slices.get(lead_id)
        if (
            progress is None
            or not progress.is_of(state.applied, runtime.rulebook.label)
            or progress.is_rebuild  # which changes nothing of this lead
        ):
            if await _is_long(runtime, state, by_lead[lead_id], session):
                found.long.append(lead_id)
        elif progress.later is None:
            found.long.append(lead_id)
        else:
            found.starts[lead_id] = await _start(runtime, progress, session)
            found.replaced[lead_id] = await _replaced(runtime, progress, session)
            by_lead[lead_id] = await runtime.capture.events.since(
                lead_id, state.applied, progress.up_to, session
            )  # not all of them may be in the batch, nor before the others of it
    kept = [event for lead_id, of_lead in by_lead.items() if lead_id not in found.long for event in of_lead]
    return SetApart(kept, found.long, found.starts, found.replaced)


async def _is_long(
    runtime: Runtime, state: LeadState, arrived: Sequence[StoredEvent], session: Session
) -> bool:
    """Whether more events than `MOST_AT_ONCE` are to be folded again because of late or retracted ones."""
    retractions = [found.target for one in arrived if (found := retraction_in(one)) is not None]
    targets = await runtime.capture.retractions.chain(retractions, session) if retractions else {}
    events = decode_arrived(arrived, list(targets.values()))
    if not events.is_late(state) or not events.events:
        return False
    start = await runtime.leads.checkpoints.last_before(
        state.lead_id, events.since(), runtime.rulebook.label, session
    )
    return state.events - (0 if start is None else start.state.events) > MOST_AT_ONCE


async def _start(runtime: Runtime, progress: SliceProgress, session: Session) -> Start:
    lead_id, later = progress.lead_id, progress.later or ()
    events = await runtime.capture.events.at(lead_id, later, session)
    return Start(progress.state, [one.decode() for one in events], has_late=True)


async def _replaced(runtime: Runtime, progress: SliceProgress, session: Session) -> list[StoredEvent]:
    if not progress.replaced:
        return []
    found = await runtime.capture.retractions.chain(progress.replaced, session)
    return [found[position] for position in progress.replaced]
