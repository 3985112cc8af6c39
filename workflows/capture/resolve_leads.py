"""The leads of events that are sent with identifiers, which are resolved before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from domain.events.identifiers import normalised_id
from domain.identity.identifier import normalised_all
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput
from workflows.identity.resolve import Identified, resolve

__all__ = ["with_leads"]


async def with_leads(runtime: Runtime, events: Sequence[EventInput]) -> Sequence[EventInput]:
    """The events with a lead each; identifiers are left on those whose lead they have found.

    Events without identifiers cost nothing. Raises `Unavailable`.
    """
    identified = [index for index, event in enumerate(events) if event.identifiers]
    if not identified:
        return events
    wanted = [_identified(events[index], runtime.identity.phone_region) for index in identified]
    result = list(events)
    for index, lead_id in zip(identified, await resolve(runtime, wanted), strict=True):
        event = events[index]
        left = event.identifiers if event.lead_id is None else None
        result[index] = replace(event, lead_id=lead_id, identifiers=left)
    return result


def _identified(event: EventInput, region: str) -> Identified:
    named = None if event.lead_id is None else normalised_id(event.lead_id)
    return Identified(normalised_all(event.identifiers or {}, region), named)
