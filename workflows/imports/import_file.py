"""Imports a file of any length: rows become events in batches, a bad row is set aside, the others go on."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from difflib import get_close_matches
from itertools import islice
from pathlib import Path

from domain.errors import Fault, Invalid, Unavailable
from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from engine.capture.deduplication import Appended
from engine.store.checkpoints import Checkpoints
from workflows.capture.event_input import EventInput
from workflows.imports.batches import Batch, batches
from workflows.imports.mapping.mapping import Mapping
from workflows.imports.notices import closing_notices, opening_notices
from workflows.imports.personal_columns import open_personal_properties
from workflows.imports.rejects_file import RejectsFile
from workflows.imports.report import ImportReport, ReportBuilder
from workflows.imports.resume import Resumption, import_key
from workflows.imports.rows.cell_picker import CellPicker
from workflows.imports.rows.row_reader import RowReader
from workflows.imports.tables.description import describe_file, printable
from workflows.imports.tables.table import Table, open_table

__all__ = ["ImportReport", "Store", "check_columns", "import_file"]

Store = Callable[[Sequence[EventInput]], Awaitable[Sequence[Appended]]]
"""Stores events durably: `ingest` on a runtime."""

ATTEMPTS = 8
"""How often a batch is offered to a store that is unavailable, for about a minute in all."""
_MAX_NAMES = 30
"""Columns of the file that an error lists."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 20.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


async def import_file(
    file: Path,
    mapping: Mapping,
    store: Store | None,
    *,
    rejects: Path,
    sealed: PersonalFields = USUAL_FIELDS,
    stages: Collection[str] | None = None,
    region: str = "",
    checkpoints: Checkpoints | None = None,
    key: str | None = None,
    progress: Callable[[ImportReport], None] = lambda _: None,
    now: Callable[[], datetime] = _utc_now,
) -> ImportReport:
    """Store the events of every row; without a `store` only look what they would be.

    All events of a row are stored in one batch or none is; a row that makes no valid event list is written to
    `rejects` instead. Running it again stores nothing twice, and with `checkpoints` a run that was stopped is gone on
    with. `progress` is given the report so far after each batch; `now` is where the future begins; `sealed` are the
    properties that are encrypted, for the report only; `stages` are those that an event `stage.set` may name;
    `region` is the country of telephone numbers without one; `key` names the checkpoint, by default file and mapping do.
    Raises `Invalid` before anything is stored if the file cannot be read or lacks a column of the mapping, and
    `Unavailable` if the store stays away: what it has taken by then stays, and the next run goes on from there.
    """
    start = time.monotonic()
    with open_table(file, mapping.file.format, mapping.columns) as table:
        _check_rejects(rejects, file)
        check_columns(table.header, mapping, file.name)
        resumption = Resumption(checkpoints if store else None, key or import_key(file, mapping))
        checkpoint = await resumption.begin(rejects)
        refused = RejectsFile(rejects, table.header, keep_bytes=checkpoint.rejects_bytes)
        builder = ReportBuilder(checkpoint.report)
        notices = opening_notices(mapping, table)

        def report(**rest: object) -> ImportReport:
            return builder.report(
                seconds=time.monotonic() - start,
                earlier_rows=checkpoint.report.rows,
                fraction=table.fraction,
                file=tuple(describe_file(table.facts, table.footer)),
                notices=tuple(notices),
                open_personal=open_personal_properties(mapping, sealed),
                **rest,
            )

        found = _batches(table, mapping, checkpoint.report.rows, now, stages=stages, region=region)
        # Reading and checking take their turns in a thread, so that the event loop stays free.
        while batch := await asyncio.to_thread(next, found, None):
            results = await _stored(store, batch.events) if store and batch.events else ()
            refused.add(batch.rejects, table.facts)
            builder.add(batch, results)
            await resumption.save(report(), refused.size)
            progress(report())
        await resumption.end()
        notices += closing_notices(table)
        return report()


def _check_rejects(rejects: Path, file: Path) -> None:
    if rejects.exists() and file.exists() and rejects.samefile(file):
        raise Invalid("The rejects would overwrite the file itself; give them another name.")


def check_columns(header: Sequence[str], mapping: Mapping, name: str) -> None:
    """Raise `Invalid` with every column of the mapping that the file `name` lacks, or has twice."""
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
    if close:
        return f"; did you mean '{printable(close[0])}'?"
    more = f" and {len(header) - _MAX_NAMES} more" if len(header) > _MAX_NAMES else ""
    return f", which has {', '.join(map(printable, header[:_MAX_NAMES]))}{more}"


def _batches(
    table: Table,
    mapping: Mapping,
    skip: int,
    now: Callable[[], datetime],
    *,
    stages: Collection[str] | None,
    region: str,
) -> Iterator[Batch]:
    picker = CellPicker(mapping, table.header)
    reader = RowReader(mapping, picker.sample(table), stages, region)
    return batches(islice(table.rows(), skip, None), picker, reader, now)


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
