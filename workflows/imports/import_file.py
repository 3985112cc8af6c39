"""Imports a CSV file of any length: rows become events in batches, a bad row is set aside, the others go on."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

from domain.errors import Fault, Invalid, Unavailable
from engine.capture.deduplication import Appended
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.imports.csv_file import CsvFile, Reject, Row, open_csv
from workflows.imports.mapping import Mapping
from workflows.imports.rejects_file import RejectsFile
from workflows.imports.row import make_events

__all__ = ["ImportReport", "Store", "import_file"]

Store = Callable[[Sequence[EventInput]], Awaitable[Sequence[Appended]]]
"""What takes the events in: `ingest` on a runtime."""

ATTEMPTS = 8
"""How often a batch is offered to a store that is unavailable, for about a minute in all."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 20.0
EXAMPLES = 5
"""Rejects and conflicts that the report names one by one."""


class ImportReport(Struct, frozen=True, kw_only=True, rename="camel"):
    """What became of the rows so far. Events are accepted, duplicates of stored ones, or in conflict with them."""

    rows: int = 0
    events: int = 0
    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected_rows: int = 0
    seconds: float = 0.0
    bytes_read: int = 0
    first_rejects: tuple[str, ...] = ()
    first_conflicts: tuple[str, ...] = ()


@dataclass
class _Batch:
    """Whole rows, and the events that they make."""

    rows: int = 0
    bytes_read: int = 0
    events: list[EventInput] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def has_room_for(self, events: Sequence[EventInput]) -> bool:
        return self.rows < MAX_EVENTS and len(self.events) + len(events) <= MAX_EVENTS


async def import_file(
    file: Path,
    mapping: Mapping,
    store: Store | None,
    *,
    rejects: Path,
    progress: Callable[[ImportReport], None] = lambda _: None,
) -> ImportReport:
    """Store the events of every row; without a `store` only look what they would be.

    All events of a row are stored in one batch or none is; a row that makes no valid event list is written to
    `rejects` instead. Running it again stores nothing twice. `progress` hears the report so far after each batch.
    Raises `Invalid` before anything is stored if the file cannot be read or lacks a column of the mapping, and
    `Unavailable` if the store stays away: what it has taken by then stays, and the next run goes on from there.
    """
    start = time.monotonic()
    report = ImportReport()
    with open_csv(file) as source:
        _check_rejects(rejects, file)
        _check_columns(source.header, mapping, file.name)
        refused = RejectsFile(rejects, source.header)
        batches = _batches(source, mapping)
        # Reading and checking take their turns in a thread, so that the event loop stays free.
        while batch := await asyncio.to_thread(next, batches, None):
            refused.add(batch.rejects)
            results = await _stored(store, batch.events) if store and batch.events else ()
            report = _added(report, batch, results, time.monotonic() - start)
            progress(report)
    return report


def _check_rejects(rejects: Path, file: Path) -> None:
    if rejects.exists() and rejects.samefile(file):
        raise Invalid("The rejects would overwrite the file itself; give them another name.")


def _check_columns(header: Sequence[str], mapping: Mapping, name: str) -> None:
    faults = [
        Fault(f"column '{column}'", f"is not in the file{_guess(column, header)}")
        for column in sorted(mapping.columns - set(header))
    ] + [
        Fault(f"column '{column}'", "is in the file more than once; give each its own name")
        for column in sorted(mapping.columns)
        if header.count(column) > 1
    ]
    if faults:
        raise Invalid(f"The mapping does not fit {name}, nothing was stored:", tuple(faults))


def _guess(column: str, header: Sequence[str]) -> str:
    close = get_close_matches(column, header, n=1)
    return f"; did you mean '{close[0]}'?" if close else f", which has {', '.join(header)}"


def _batches(source: CsvFile, mapping: Mapping) -> Iterator[_Batch]:
    wanted = [(index, name) for index, name in enumerate(source.header) if name in mapping.columns]
    empty = mapping.empty | {""}
    batch = _Batch()
    for row in source.rows():
        made = row if isinstance(row, Reject) else _made(row, wanted, empty, mapping)
        events = [] if isinstance(made, Reject) else made
        if not batch.has_room_for(events):
            yield batch
            batch = _Batch()
        batch.rows += 1
        batch.bytes_read = source.bytes_read
        batch.events += events
        if isinstance(made, Reject):
            batch.rejects.append(made)
    if batch.rows:
        yield batch


def _made(
    row: Row, wanted: Sequence[tuple[int, str]], empty: frozenset[str], mapping: Mapping
) -> list[EventInput] | Reject:
    cells = {name: cell for index, name in wanted if (cell := row.cells[index].strip()) not in empty}
    try:
        return make_events(mapping, cells)
    except Invalid as error:
        return Reject(row, "; ".join(map(str, error.faults)) or error.message)


async def _stored(store: Store, events: Sequence[EventInput]) -> Sequence[Appended]:
    """Offer the events until the store takes them. A repeat is safe: they carry their ids."""
    pause = FIRST_PAUSE_SECONDS
    for _ in range(ATTEMPTS - 1):
        try:
            return await store(events)
        except Unavailable as error:
            await asyncio.sleep(max(pause, error.retry_after))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
    return await store(events)


def _added(report: ImportReport, batch: _Batch, results: Sequence[Appended], seconds: float) -> ImportReport:
    statuses = Counter(result.status for result in results)
    rejects = (f"line {reject.row.line}: {reject.reason}" for reject in batch.rejects)
    conflicts = (result.event_id for result in results if result.status == "conflict")
    return ImportReport(
        rows=report.rows + batch.rows,
        events=report.events + len(batch.events),
        accepted=report.accepted + statuses["accepted"],
        duplicates=report.duplicates + statuses["duplicate"],
        conflicts=report.conflicts + statuses["conflict"],
        rejected_rows=report.rejected_rows + len(batch.rejects),
        seconds=seconds,
        bytes_read=batch.bytes_read,
        first_rejects=(*report.first_rejects, *rejects)[:EXAMPLES],
        first_conflicts=(*report.first_conflicts, *conflicts)[:EXAMPLES],
    )
