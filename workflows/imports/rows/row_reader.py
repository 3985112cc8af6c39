"""One row of a file becomes its events, as a compiled mapping says. Reads no file, stores nothing."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from domain.errors import Invalid
from workflows.capture.decode import check_event
from workflows.imports.mapping.cells import CellError, Cells, fill, holes
from workflows.imports.mapping.mapping import Mapping
from workflows.imports.rows.event_maker import EventMaker
from workflows.imports.rows.readers import ColumnSample
from workflows.imports.rows.remarks import Remark, RowEvents
from workflows.imports.values.words import is_shortened

__all__ = ["RowReader"]


class RowReader:
    """A mapping compiled for one file, whose `sample` decides what the mapping leaves open."""

    def __init__(
        self,
        mapping: Mapping,
        sample: ColumnSample | None = None,
        stages: Collection[str] | None = None,
        region: str = "",
    ) -> None:
        """`stages` are those that an event `stage.set` may name, None for any; `region` is of telephone numbers without one."""
        self._mapping = mapping
        self._stages, self._region = stages, region
        self._makers = [EventMaker(event, mapping, sample or {}) for event in mapping.events]
        ids = mapping.person_columns.union(*(holes(event.event_id) for event in mapping.events))
        self._id_columns = sorted(ids)

    def read(self, cells: Cells, now: datetime) -> RowEvents:
        """The events of a row, each by the rules for all events; `now` is the end of the past.

        Raises `Invalid` that says what is wrong with the row; a `CellError` names the cell. Of a row that makes no
        event nothing is wanted, not even an id.
        """
        remarks: list[Remark] = []
        try:
            said = [one for maker in self._makers for one in maker.make(cells, now, remarks)]
            same = {**self._person(cells), "source": self._mapping.source} if said else {}
            events = [check_event({**same, **one}, self._stages, self._region) for one in said]
        except OverflowError as error:
            raise Invalid("a time is moved out of the calendar") from error
        except CellError:
            self._person(cells)  # raises first if the row does not even say whom it is about
            raise
        return RowEvents(events, remarks)

    def _person(self, cells: Cells) -> dict[str, object]:
        """Whom the row is about: the lead's id, and those identifiers whose cells are not empty."""
        for column in self._id_columns:
            if is_shortened(cells.get(column, "")):
                reason = "is a number that a spreadsheet has shortened; export it as text"
                raise CellError(column, reason, cells[column])
        person: dict[str, object] = {}
        if self._mapping.lead_id is not None:
            person["leadId"] = fill(self._mapping.lead_id, cells)
        templates = self._mapping.identifiers
        identifiers = {
            kind: fill(text, cells) for kind, text in templates.items() if holes(text) <= cells.keys()
        }
        if templates and not person and not identifiers:
            raise CellError(
                min(self._mapping.person_columns),
                "is empty, as are all others that say whom the row is about",
            )
        return {**person, "identifiers": identifiers} if identifiers else person
