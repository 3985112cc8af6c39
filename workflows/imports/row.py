"""One row of a file becomes its events, as the mapping says. Reads no file, stores nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from domain.errors import Invalid
from workflows.capture.event_input import EventInput, check_event
from workflows.imports.cells import Cells, fill
from workflows.imports.mapping import INDEX, EventMapping, Mapping

__all__ = ["make_events"]


def make_events(mapping: Mapping, cells: Cells) -> list[EventInput]:
    """The events of a row, each by the rules for all events. Raises `Invalid` that says what is wrong with the row."""
    same = {"leadId": fill(mapping.lead_id, cells), "source": mapping.source}
    try:
        return [
            check_event({**same, **said}) for event in mapping.events for said in _occurrences(event, cells)
        ]
    except OverflowError as error:
        raise Invalid("a time is moved out of the calendar") from error


def _occurrences(event: EventMapping, cells: Cells) -> Iterator[dict[str, object]]:
    """What one entry of the mapping says about the row: nothing, one event, or several with their number."""
    name = event.type.of(cells)
    if name is None or (event.when and not event.when.holds(cells)):
        return
    first = event.occurred_at.read(cells)
    properties = {
        key: wanted.read(cells) for key, wanted in event.properties.items() if wanted.column in cells
    }
    offsets = event.repeat.offsets(cells) if event.repeat else [timedelta()]
    for index, offset in enumerate(offsets, 1):
        yield {
            "type": name,
            "eventId": fill(event.event_id, {**cells, INDEX: str(index)}),
            "occurredAt": first + offset,
            "properties": properties,
        }
