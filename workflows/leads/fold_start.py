"""The start of a fold that is done again: where it begins for leads with late events, and the events since."""

from __future__ import annotations

from collections.abc import Mapping

from domain.leads.late import Start, has_late
from domain.leads.state import LeadState, initial_state
from engine.runtime import Runtime
from engine.store.mongo import Session
from workflows.leads.fold_arrived import Arrived

__all__ = ["starts_of"]


async def starts_of(
    runtime: Runtime, states: Mapping[str, LeadState], arrived: Mapping[str, Arrived], session: Session
) -> dict[str, Start]:
    """Where the fold of each lead with late events begins again: from its first event."""
    late = [
        lead_id
        for lead_id, of_lead in arrived.items()
        if lead_id in states and has_late(states[lead_id], of_lead.events)
    ]
    if not late:
        return {}
    found = await runtime.capture.events.of_leads(late, session)
    return {
        lead_id: Start(
            initial_state(lead_id, runtime.rulebook),
            [one.decode() for one in found[lead_id] if one.position <= states[lead_id].position],
        )
        for lead_id in late
    }
