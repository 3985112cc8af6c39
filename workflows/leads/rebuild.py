"""Rebuild of one lead from its stored events, up to its applied positions. Fires no automation."""

from __future__ import annotations

import asyncio
from functools import partial

from pymongo.errors import PyMongoError

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.event import Event
from domain.leads.fold import refold
from domain.leads.state import LeadState, initial_state
from engine.leads.lead_document import StateWrite
from engine.leads.lead_store import StateConflict
from engine.leads.slice_store import SliceProgress
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.leads.accounts import note_account
from workflows.leads.fold_failure import FoldFailure, failure_of
from workflows.leads.fold_in_slices import MOST_AT_ONCE, rebuild_in_slices
from workflows.leads.fold_start import SHORT
from workflows.leads.owners_on_tasks import write_owner
from workflows.leads.shown import shown_at

__all__ = ["rebuild_lead", "try_rebuild"]

_BUSY_SECONDS = 0.5
_LAST_POSITION = 2**62
"""Behind every event of a moment. Those of it that are still to be folded are written whatever stands there."""


async def rebuild_lead(
    runtime: Runtime, lead_id: str, *, up_to: AppliedPositions = NOTHING_APPLIED
) -> LeadState | None:
    """Rebuild the lead under the active rulebook. Returns its new state, None if it has no events.

    A stored lead keeps its applied positions, so that events after it still fire what they should; one that is not
    stored is rebuilt up to the positions `up_to`. The stored state is not read.
    """
    while True:
        lead_id = await runtime.identity.streams.lead_of(lead_id)
        try:
            return await transact(runtime.store.client, partial(_rebuild, runtime, lead_id, up_to))
        except StateConflict:
            continue
        except _TooLong as error:
            if (state := await _rebuild_long(runtime, error)) is not None:
                return state


class _TooLong(Exception):
    """The lead, which has applied positions, or is not stored, has too many events for one transaction."""

    def __init__(self, lead_id: str, applied: AppliedPositions | None, up_to: AppliedPositions) -> None:
        super().__init__(lead_id, applied, up_to)
        self.lead_id = lead_id
        self.applied = applied
        self.up_to = up_to


async def try_rebuild(runtime: Runtime, lead_id: str) -> FoldFailure | None:
    """Rebuild a stored lead. Returns the failure for its dead letter if it cannot be folded; raises `PyMongoError`."""
    try:
        if await rebuild_lead(runtime, lead_id) is None:
            raise LookupError("none of its events is stored")
    except PyMongoError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever its events do to the rules, other leads go on
        return failure_of(lead_id, error)
    return None


async def _rebuild_long(runtime: Runtime, lead: _TooLong) -> LeadState | None:
    """Rebuild the lead in slices; None, after a moment, if another process is at it or has moved the lead on."""
    progress = await rebuild_in_slices(runtime, lead.lead_id, lead.up_to)
    if progress is None:
        await asyncio.sleep(_BUSY_SECONDS)
        return None
    try:
        return await transact(
            runtime.store.client, lambda session: _complete(runtime, progress, lead.applied, session)
        )
    except StateConflict:
        return None


async def _complete(
    runtime: Runtime, progress: SliceProgress, applied: AppliedPositions | None, session: Session
) -> LeadState:
    """Write a lead whose slices are done, and the rows of its last events."""
    lead_id = progress.lead_id
    if progress.rulebook != runtime.rulebook.label:
        raise StateConflict
    stored = await runtime.capture.events.at(lead_id, progress.later or (), session)
    folded = refold(progress.state, [one.decode() for one in stored], runtime.rulebook)
    shown = shown_at(folded.state, runtime.now(), runtime.rulebook)
    await note_account(runtime, lead_id, session, folded.state)
    await write_owner(runtime, folded.state, session)
    await runtime.leads.states.write([StateWrite(folded.state, applied, shown)], session)
    await runtime.leads.checkpoints.drop(lead_id, session)
    last = (progress.state.clock, _LAST_POSITION)
    rows = await runtime.leads.history.behind(lead_id, last, session)
    await runtime.leads.history.correct(rows, folded.rows, session)
    return folded.state


async def _rebuild(
    runtime: Runtime, lead_id: str, up_to: AppliedPositions, session: Session
) -> LeadState | None:
    lead_id = await runtime.identity.streams.lead_of(lead_id, session)
    applied = (await runtime.leads.states.positions([lead_id], session)).get(lead_id)
    last = up_to if applied is None else applied
    events: list[Event] = []
    async for some in runtime.capture.events.slices_of_lead(lead_id, up_to=last):
        events += some
        if len(events) > MOST_AT_ONCE:
            raise _TooLong(lead_id, applied, last)
    if not events:
        return None
    folded = refold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    shown = shown_at(folded.state, runtime.now(), runtime.rulebook)
    await note_account(runtime, lead_id, session, folded.state)
    await write_owner(runtime, folded.state, session)
    await runtime.leads.states.write([StateWrite(folded.state, applied, shown)], session)
    if folded.state.events > SHORT:
        await runtime.leads.checkpoints.drop(lead_id, session)
    rows = (await runtime.leads.history.of_leads([lead_id], session)).get(lead_id, [])
    await runtime.leads.history.correct(rows, folded.rows, session)
    return folded.state
