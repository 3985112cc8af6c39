"""One entry of a mapping, compiled: what it makes of a row, or why it makes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from domain.events.event import Json
from workflows.imports.mapping.cells import CellError, Cells, fill
from workflows.imports.mapping.event_mapping import INDEX, EventMapping
from workflows.imports.mapping.mapping import Mapping
from workflows.imports.mapping.properties import Property
from workflows.imports.rows.readers import ColumnSample, count_reader, moment_reader, property_reader
from workflows.imports.rows.remarks import Remark
from workflows.imports.values.words import folded

__all__ = ["EventMaker"]

_ONCE = [timedelta()]
_ZONES = timedelta(hours=14)
"""Local time is ahead of UTC by no more than this."""
_FUTURE = "lies in the future, and nothing has happened there yet"
_LOCAL = "lies in the future by a few hours; if it is a local time, write its timezone"


class EventMaker:
    """Makes the events of one entry. All fields but leadId and source come out as a dict, to be checked."""

    def __init__(self, event: EventMapping, mapping: Mapping, sample: ColumnSample) -> None:
        self._event = event
        self._types = event.type.by_cell
        self._words = event.when.words if event.when else frozenset()
        self._moment = moment_reader(event.occurred_at, mapping.numbers, sample)
        self._future = event.occurred_at.future or mapping.future
        repeat = event.repeat
        self._count = count_reader(repeat.column, mapping.numbers, sample) if repeat else None
        self._properties = [
            _PropertyReader(name, wanted, mapping, sample) for name, wanted in event.properties.items()
        ]

    def make(self, cells: Cells, now: datetime, remarks: list[Remark]) -> Iterator[dict[str, object]]:
        """The events of the row by this entry: none, one, or several. Raises `CellError`, `OverflowError`."""
        if not self._passes(cells, remarks):
            return
        name = self._type(cells, remarks)
        offsets = self._offsets(cells, remarks) if name else []
        if not offsets:
            return
        first = self._moment(cells)
        properties = self._read_properties(cells, remarks)
        for index, offset in enumerate(offsets, 1):
            at = first + offset
            if at > now and not self._may_be(at, now, remarks):
                continue
            yield {
                "type": name,
                "eventId": fill(self._event.event_id, {**cells, INDEX: str(index)} if self._count else cells),
                "occurredAt": at.astimezone(UTC),
                "properties": properties,
            }

    def _type(self, cells: Cells, remarks: list[Remark]) -> str | None:
        chosen = self._event.type
        if chosen.column is None:
            return chosen.name
        cell = cells.get(chosen.column)
        if cell is None:
            remarks.append(Remark("nothing", f"column '{chosen.column}' is empty"))
            return None
        name = self._types.get(folded(cell))
        if name is None:
            remarks.append(Remark("unnamed", f"column '{chosen.column}'", cell))
        if not name:
            remarks.append(Remark("nothing", f"no entry makes an event of column '{chosen.column}'", cell))
        return name or None

    def _passes(self, cells: Cells, remarks: list[Remark]) -> bool:
        when = self._event.when
        if when is None:
            return True
        cell = cells.get(when.column)
        if when.not_empty is not None:
            holds = (cell is not None) == when.not_empty
        else:
            holds = cell is not None and folded(cell) in self._words
        if not holds:
            remarks.append(
                Remark("nothing", f"the condition on column '{when.column}' does not hold", cell or "")
            )
        return holds

    def _offsets(self, cells: Cells, remarks: list[Remark]) -> list[timedelta]:
        """How long after the first each of the events occurred."""
        repeat = self._event.repeat
        if repeat is None or self._count is None:
            return _ONCE
        count = self._count(cells)
        if not count:
            remarks.append(Remark("nothing", f"column '{repeat.column}' is 0 or empty"))
        apart = timedelta(minutes=repeat.every_minutes)
        return [index * apart for index in range(min(count, repeat.at_most))]

    def _may_be(self, at: datetime, now: datetime, remarks: list[Remark]) -> bool:
        """Whether an event of the future is made; the appender brings its time back to now."""
        column = self._event.occurred_at.column
        where = f"column '{column}'" if column else "occurredAt"
        shown = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        if self._future == "reject":
            raise CellError(column or "occurredAt", _LOCAL if at - now < _ZONES else _FUTURE, shown)
        done = "taken as now" if self._future == "now" else "left out"
        remarks.append(Remark("future", f"{where}: {done}", shown))
        if self._future == "skip":
            remarks.append(Remark("nothing", f"{where} lies in the future", shown))
        return self._future == "now"

    def _read_properties(self, cells: Cells, remarks: list[Remark]) -> dict[str, Json]:
        properties: dict[str, Json] = {}
        for reader in self._properties:
            reader.read_into(properties, cells, remarks)
        return properties


class _PropertyReader:
    def __init__(self, name: str, wanted: Property, mapping: Mapping, sample: ColumnSample) -> None:
        self._name, self._column, self._value = name, wanted.column or "", wanted.value
        self._read: Callable[[str], Json] = property_reader(wanted, mapping.numbers, sample)
        self._rejects = (wanted.on_bad or mapping.on_bad) == "reject"
        self._clears = (wanted.on_empty or mapping.on_empty) == "clear"

    def read_into(self, properties: dict[str, Json], cells: Cells, remarks: list[Remark]) -> None:
        """Set the property, unless its cell is empty or bad. Raises `CellError` for a bad one that costs the row."""
        cell = cells.get(self._column) if self._value is None else self._value
        if cell is None:
            if self._clears:
                properties[self._name] = None
            return
        try:
            properties[self._name] = self._read(cell)
        except ValueError as error:
            if self._rejects:
                raise CellError(self._column, str(error), cell) from error
            remarks.append(Remark("left out", f"{self._name}: column '{self._column}' {error}", cell))
