"""The calendar of a lead: what its active enrolments will do and when, if nothing happens meanwhile."""

from __future__ import annotations

from msgspec.structs import replace

from domain.errors import NotFound
from domain.sequences.calendar import CalendarEntry, calendar_of
from engine.runtime import Runtime
from engine.sequences.enrolment import Enrolment
from workflows.sequences.facts import read_facts

__all__ = ["calendar_of_lead"]


async def calendar_of_lead(runtime: Runtime, lead_id: str) -> list[tuple[Enrolment, CalendarEntry]]:
    """The entries of all active enrolments, the soonest first. Each is worked out as if it were the only one.

    Raises `NotFound` for a lead without events.
    """
    if not await runtime.capture.events.last_of_lead(lead_id):
        raise NotFound("lead", lead_id)
    streams = await runtime.identity.streams.of_lead(lead_id)
    at, found = runtime.now(), list[tuple[Enrolment, CalendarEntry]]()
    for enrolment in await runtime.sequences.enrolments.of_lead(streams):
        if not enrolment.is_active:
            continue
        program = await runtime.sequences.library.program(enrolment.label)
        facts = await read_facts(runtime, enrolment.lead_id, program, enrolment.enrolled_at, at)
        touch = await runtime.sequences.enrolments.last_touch(enrolment.lead_id)
        entries = calendar_of(program, enrolment.progress, at, replace(facts, last_touch=touch))
        found += [(enrolment, entry) for entry in entries]
    return sorted(found, key=lambda one: one[1].at)
