"""Snoozes: a lead stays out of the queue of one person until a time, or until it writes."""

from __future__ import annotations

from domain.errors import Fault, Invalid
from domain.instant import DAY, Millis
from domain.teams.visibility import VisibleLeads
from engine.runtime import Runtime
from engine.teams.snooze_store import Snooze

__all__ = ["snooze_lead", "snoozes_of"]

_LONGEST = 366 * DAY


async def snooze_lead(runtime: Runtime, person_id: str, lead_id: str, until: Millis) -> Snooze:
    """The snooze. Raises `Invalid` for a time that is past or more than 366 days away, `Conflict` for the 501st."""
    now = runtime.now()
    if not now < until <= now + _LONGEST:
        raise Invalid("The lead was not snoozed.", (Fault("/until", "should be within the next 366 days"),))
    snooze = Snooze(lead_id, now, until)
    await runtime.teams.snoozes.set(person_id, snooze)
    return snooze


async def snoozes_of(runtime: Runtime, person_id: str, visible: VisibleLeads) -> list[Snooze]:
    """The snoozes of the person, the next to end first, without leads that the person does not see any more."""
    found = await runtime.teams.snoozes.of(person_id, runtime.now())
    owners = await runtime.leads.states.owners([one.lead_id for one in found])
    return [one for one in found if one.lead_id in owners and visible.allows(owners[one.lead_id])]
