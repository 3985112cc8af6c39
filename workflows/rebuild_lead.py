"""Folds one lead anew from its stored events, up to where it was, and corrects what is stored. Fires nothing."""

from __future__ import annotations

from domain.lead import LeadState, fold, initial_state
from engine.lead_store import Change, Overtaken
from engine.mongo import Session, transact
from engine.runtime import Runtime

__all__ = ["rebuild_lead"]


async def rebuild_lead(runtime: Runtime, lead_id: str, *, up_to: int = 0) -> LeadState | None:
    """Rebuild the lead under the rulebook in force. Returns its new state, None if it has no events.

    A lead that is stored keeps its applied position, so that events after it still fire what they should; one
    that is not is rebuilt up to position `up_to`.
    """
    while True:
        try:
            return await transact(runtime.client, lambda session: _rebuild(runtime, lead_id, up_to, session))
        except Overtaken:
            continue


async def _rebuild(runtime: Runtime, lead_id: str, up_to: int, session: Session) -> LeadState | None:
    stored = (await runtime.leads.get_many([lead_id], session)).get(lead_id)
    events = await runtime.events.of_lead(lead_id, up_to=stored.position if stored else up_to)
    if not events:
        return None
    folded = fold(initial_state(lead_id, runtime.rulebook), events, runtime.rulebook)
    await runtime.leads.write([Change(folded.state, stored.position if stored else None)], session)
    rows = (await runtime.history.of_leads([lead_id], session)).get(lead_id, [])
    await runtime.history.correct(rows, folded.rows, session)
    return folded.state
