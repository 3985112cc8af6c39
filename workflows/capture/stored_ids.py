"""Ids of events in their normal form, except for those that were stored before under the text that was sent.

An engine that did not normalise ids yet has stored them as they were; such a lead stays one lead, and such an event
sent again stays a duplicate.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from domain.events.identifiers import is_plain, normalised_id
from engine.runtime import Runtime
from workflows.capture.event_input import EventInput, lead_of

__all__ = ["stored_lead_id", "with_stored_ids"]


async def with_stored_ids(runtime: Runtime, events: Sequence[EventInput]) -> Sequence[EventInput]:
    """The events as they may be stored. Only those with an id, a type or a source that changes cost a look-up."""
    normal = {index: _normalised(event) for index, event in enumerate(events) if not _is_plain(event)}
    changed = {index: event for index, event in normal.items() if event != events[index]}
    if not changed:
        return events
    lookup = runtime.capture.lookup
    leads = await lookup.leads({lead_of(events[index]) for index in changed})
    ids = await lookup.ids({event_id for index in changed if (event_id := events[index].event_id)})
    result = list(events)
    for index, event in changed.items():
        sent = events[index]
        result[index] = replace(
            event,
            lead_id=sent.lead_id if sent.lead_id in leads else event.lead_id,
            event_id=sent.event_id if sent.event_id in ids else event.event_id,
        )
    return result


async def stored_lead_id(runtime: Runtime, lead_id: str) -> str:
    """The id under which a lead is found that is asked for by this text: as it is written if there is such a lead."""
    normal = normalised_id(lead_id)
    if normal == lead_id or await runtime.capture.lookup.leads({lead_id}):
        return lead_id
    return normal


def _is_plain(event: EventInput) -> bool:
    return is_plain(f"{event.lead_id}{event.event_id}{event.source}{event.type}")


def _normalised(event: EventInput) -> EventInput:
    return replace(
        event,
        lead_id=normalised_id(lead_of(event)),
        type=normalised_id(event.type),
        event_id=event.event_id and normalised_id(event.event_id),
        source=event.source and normalised_id(event.source),
    )
