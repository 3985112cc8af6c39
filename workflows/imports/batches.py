"""Whole rows in batches, with the events that they make: no more than one request may hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import Invalid
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.imports.rows.cell_picker import CellPicker
from workflows.imports.rows.remarks import Remark, RowEvents
from workflows.imports.rows.row_reader import RowReader
from workflows.imports.tables.csv_reader import Reject, Row

__all__ = ["Batch", "batches"]


@dataclass
class Batch:
    """Whole rows, and what became of them."""

    rows: int = 0
    events: list[EventInput] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    without_events: list[tuple[int, str]] = field(default_factory=list)
    """Lines that made nothing, and why."""
    remarks: list[Remark] = field(default_factory=list)

    def has_room_for(self, made: RowEvents | Reject) -> bool:
        """Whether the row can still be stored together with the others."""
        events = 0 if isinstance(made, Reject) else len(made.events)
        return self.rows < MAX_EVENTS and len(self.events) + events <= MAX_EVENTS

    def add(self, line: int, made: RowEvents | Reject) -> None:
        """Add a row that has room."""
        self.rows += 1
        if isinstance(made, Reject):
            self.rejects.append(made)
            return
        self.events += made.events
        self.remarks += made.remarks
        if not made.events:
            reasons = dict.fromkeys(remark.what for remark in made.remarks if remark.subject == "nothing")
            self.without_events.append((line, "; ".join(reasons)))


def batches(
    rows: Iterable[Row | Reject], picker: CellPicker, reader: RowReader, now: Callable[[], datetime]
) -> Iterator[Batch]:
    """The rows in batches. All events of a row are in one batch."""
    batch = Batch()
    for row in rows:
        made = row if isinstance(row, Reject) else _made(row, picker, reader, now())
        if not batch.has_room_for(made):
            yield batch
            batch = Batch()
        batch.add(row.row.line if isinstance(row, Reject) else row.line, made)
    if batch.rows:
        yield batch


def _made(row: Row, picker: CellPicker, reader: RowReader, now: datetime) -> RowEvents | Reject:
    try:
        return reader.read(picker.pick(row.cells), now)
    except Invalid as error:
        reason = "; ".join(map(str, error.faults)) or error.message
        return Reject(row, reason, getattr(error, "kind", reason))
