"""Snoozes: a lead stays out of the queue of one person until a time, or until it writes."""

from __future__ import annotations

from domain.errors import Fault, Invalid
from domain.instant import DAY, Millis
from engine.runtime import Runtime
from engine.teams.snooze_store import Snooze

__all__ = ["snooze_lead"]

_LONGEST = 366 * DAY


async def snooze_lead(runtime: Runtime, person_id: str, lead_id: str, until: Millis) -> Snooze:
    """The snooze. Raises `Invalid` for a time that is past or more than 366 days away, `Conflict` for the 501st."""
    now = runtime.now()
    if not now < until <= now + _LONGEST:
        raise Invalid("The lead was not snoozed.", (Fault("/until", "should be within the next 366 days"),))
    snooze = Snooze(lead_id, now, until)
    await runtime.teams.snoozes.set(person_id, snooze)
    return snooze
