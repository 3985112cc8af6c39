"""Rows of the public data sets as folded leads, through the same mapping as `lead-engine import`; no database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from domain.errors import Invalid
from domain.events.event import Event
from domain.instant import Millis
from domain.leads.fold import fold
from domain.leads.state import LeadState, initial_state
from domain.rulebooks.compiled import CompiledRulebook, compile_rulebook
from engine.rulebooks.library import load_rulebook
from workflows.capture.event_input import EventInput, to_new_event
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.rows.cell_picker import CellPicker
from workflows.imports.rows.row_reader import RowReader
from workflows.imports.tables.csv_reader import Row
from workflows.imports.tables.table import open_table

__all__ = ["DATA", "PROJECT", "folded", "for_evaluation", "rows_with_events", "wanted"]

PROJECT = Path(__file__).parents[2]
DATA = PROJECT.parent / "shared" / "data"
"""The default folder of the data: beside the project, never in it."""


def wanted(data: Path, name: str) -> Path:
    """The file `name` in the data folder. Raises `Invalid` with instructions if it is missing."""
    if not (data / name).is_file():
        raise Invalid(f"{data / name} is not there. The data is not part of the project: see --data.")
    return data / name


def rows_with_events(file: Path, mapping: str) -> Iterator[tuple[dict[str, str], list[EventInput]]]:
    """For each row its cells, as they stand, and its events by the example mapping of that name."""
    text = (PROJECT / "docs" / "examples" / mapping).read_text(encoding="utf-8")
    rules = parse_mapping(text, mapping)
    with open_table(file, rules.file.format, rules.columns) as table:
        picker = CellPicker(rules, table.header)
        reader = RowReader(rules, picker.sample(table))
        for row in table.rows():
            if isinstance(row, Row):
                cells = {name: cell.strip() for name, cell in zip(table.header, row.cells, strict=True)}
                yield cells, reader.read(picker.pick(row.cells), datetime.now(UTC)).events


def folded(events: Iterable[EventInput], rulebook: CompiledRulebook, as_of: Millis) -> LeadState:
    """The lead after those of its events that occurred by `as_of`, in the order of time."""
    stored = [to_new_event(event, event.event_id or "", as_of) for event in events]
    known = sorted((one for one in stored if one.occurred_at <= as_of), key=lambda one: one.occurred_at)
    return fold(
        initial_state("lead", rulebook),
        (
            Event(
                position=position,
                event_id=one.event_id,
                lead_id=one.lead_id,
                type=one.type,
                occurred_at=one.occurred_at,
                received_at=one.received_at,
                source=one.source,
                properties=one.properties,
            )
            for position, one in enumerate(known, 1)
        ),
        rulebook,
    ).state


def for_evaluation(name: str) -> CompiledRulebook:
    """A built-in rulebook without its automations, which the score does not need."""
    return compile_rulebook(load_rulebook(name).model_copy(update={"automations": ()}))
