"""Rebuild of one lead from its stored events, up to its applied position. Fires no automation."""

from __future__ import annotations

from pymongo.errors import PyMongoError

from domain.leads.fold import fold
from domain.leads.state import LeadState, initial_state
from engine.leads.lead_store import StateConflict, StateWrite
from engine.runtime import Runtime
from engine.store.mongo import Session, transact
from workflows.leads.fold_failure import FoldFailure, failure_of
from workflows.leads.fold_start import SHORT
from workflows.leads.shown import shown_at

__all__ = ["rebuild_lead", "try_rebuild"]


async def rebuild_lead(runtime: Runtime, lead_id: str, *, up_to: int = 0) -> LeadState | None:
    """Rebuild the lead under the active rulebook. Returns its new state, None if it has no events.

    A stored lead keeps its applied position, so that events after it still fire what they should; one that is not
    stored is rebuilt up to position `up_to`. The stored state is not read.
    """
    while True:
        try:
            return await transact(
                runtime.store.client, lambda session: _rebuild(runtime, lead_id, up_to, session)
            )
        except StateConflict:
            continue


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


async def _rebuild(runtime: Runtime, lead_id: str, up_to: int, session: Session) -> LeadState | None:
    applied = (await runtime.leads.states.positions([lead_id], session)).get(lead_id)
    events = await runtime.capture.events.of_lead(lead_id, up_to=up_to if applied is None else applied)
    if not events:
        return None
    folded = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    shown = shown_at(folded.state, runtime.now(), runtime.rulebook)
    await runtime.leads.states.write([StateWrite(folded.state, applied, shown)], session)
    if folded.state.events > SHORT:
        await runtime.leads.checkpoints.drop(lead_id, session)
    rows = (await runtime.leads.history.of_leads([lead_id], session)).get(lead_id, [])
    await runtime.leads.history.correct(rows, folded.rows, session)
    return folded.state
