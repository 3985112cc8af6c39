"""The facts on which a sequence decides: the lead as it is now, its attributes, and what it did since the enrolment."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import phonenumbers

from domain.events.event import ENGINE_SOURCE, Event, Json
from domain.events.vocabulary import LEAD_UPDATED
from domain.identity.person_name import NAME_FIELDS
from domain.instant import Millis
from domain.leads.assess import assess
from domain.leads.state import initial_state
from domain.sequences.absence import absence_in
from domain.sequences.decide import Facts
from domain.sequences.program import Program
from domain.sequences.window import recipient_country, recipient_zone
from engine.runtime import Runtime
from engine.sequences.country_zones import zones_of_countries
from workflows.privacy.encrypt import opened

__all__ = ["attributes_of", "read_facts", "whereabouts"]

_PHONE_FIELDS = ("phone", "phoneNumber", "mobile", "mobileNumber")


async def read_facts(
    runtime: Runtime, lead_id: str, program: Program, enrolled_at: Millis, at: Millis
) -> Facts:
    """What is known of the lead at the moment `at`; all but the last touch, which is read in the transaction."""
    rulebook = runtime.rulebook
    state = await runtime.leads.states.get(await runtime.identity.streams.lead_of(lead_id))
    state = initial_state(lead_id, rulebook) if state is None else state
    stream = await opened(runtime, await runtime.capture.events.of_lead(lead_id))
    in_time = sorted(stream, key=lambda one: (one.occurred_at, one.received_at, one.position))
    attributes = attributes_of(in_time)
    zone, country = await whereabouts(runtime, lead_id, attributes, program.fallback_zone)
    measured = (
        assess(state, max(at, state.clock), rulebook)
        if state.rulebook == rulebook.label
        else state.assessment
    )
    return Facts(
        lead_id=lead_id,
        measured=measured,
        attributes=attributes,
        events=tuple(one for one in in_time if one.received_at >= enrolled_at),
        zone=zone,
        country=country,
        away=absence_in(in_time),
    )


def attributes_of(stream: Sequence[Event]) -> dict[str, Json]:
    """The attributes of a lead: the latest of `lead.updated`, where a null takes one back; names from other events too."""
    names: dict[str, Json] = {}
    attributes: dict[str, Json] = {}
    for event in stream:
        if event.type == LEAD_UPDATED:
            attributes |= event.properties
        elif event.source != ENGINE_SOURCE:
            names |= {name: event.properties[name] for name in NAME_FIELDS if name in event.properties}
    return {**names, **{name: value for name, value in attributes.items() if value is not None}}


async def whereabouts(
    runtime: Runtime, lead_id: str, attributes: dict[str, Json], fallback: str
) -> tuple[ZoneInfo, str | None]:
    """The time zone of a lead, the `fallback` if nothing says another, and its country, if that is known."""
    country = recipient_country(attributes, await _phone_region(runtime, lead_id, attributes))
    return recipient_zone(attributes, country, zones_of_countries(), fallback), country


async def _phone_region(runtime: Runtime, lead_id: str, attributes: dict[str, Json]) -> str | None:
    """The country of the lead's telephone number."""
    numbers = [str(attributes[name]) for name in _PHONE_FIELDS if attributes.get(name)]
    for stream_id in await runtime.identity.streams.of_lead(lead_id):
        known = [one.identifier async for one in runtime.identity.identities.of_lead(stream_id)]
        numbers += [one.value for one in known if one is not None and one.kind == "phone"]
    for number in numbers:
        try:
            parsed = phonenumbers.parse(number, runtime.identity.phone_region or None)
        except phonenumbers.NumberParseException:
            continue
        if (region := phonenumbers.region_code_for_number(parsed)) is not None:
            return region
    return None
