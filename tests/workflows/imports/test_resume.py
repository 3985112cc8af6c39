"""An import that was stopped goes on where it was, without storing anything twice."""

from __future__ import annotations

from functools import partial

import pytest

from domain.errors import Unavailable
from workflows.capture.event_input import MAX_EVENTS
from workflows.capture.ingest import ingest
from workflows.imports import import_file as importing
from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping

MAPPING = """
source: shop
leadId: Id
events:
  - type: {column: Kind, values: {signup: signup}}
    eventId: "s:{Id}"
    occurredAt: {column: At}
    properties: {seats: {column: Seats, type: number}}
"""
ROWS = 3 * MAX_EVENTS
BAD = {5, MAX_EVENTS + 5, 2 * MAX_EVENTS + 5}
LEFT_OUT = {7, MAX_EVENTS + 7}
UNNAMED = {9, 2 * MAX_EVENTS + 9}


def row(number):
    at = "never" if number in BAD else "2026-11-01"
    seats = "many" if number in LEFT_OUT else "5"
    return f"k{number},{'Ada' if number in UNNAMED else 'signup'},{at},{seats}\n"


@pytest.fixture
def file(tmp_path):
    file = tmp_path / "leads.csv"
    file.write_text("Id,Kind,At,Seats\n" + "".join(map(row, range(ROWS))))
    return file


@pytest.fixture
def run(tmp_path, file, runtime, monkeypatch):
    """Import the file; the store answers only so many batches, and remembers what it was offered."""
    monkeypatch.setattr(importing, "FIRST_PAUSE_SECONDS", 0)
    offered = []

    async def run(batches=100, mapping=MAPPING, *, checkpoints=runtime.store.checkpoints):
        offered.clear()

        async def store(events):
            if len(offered) >= batches:
                raise Unavailable("killed", retry_after=0)
            offered.append([event.event_id for event in events])
            return await ingest(runtime, events)

        return await import_file(
            file,
            parse_mapping(mapping, "map.yaml"),
            store,
            rejects=tmp_path / "rejects.csv",
            checkpoints=checkpoints,
        )

    return partial(run), offered


async def test_after_a_stop_the_next_run_stores_only_the_rest(run, runtime):
    run, offered = run
    with pytest.raises(Unavailable):
        await run(batches=1)
    report = await run()
    assert len(offered) == 2
    assert (report.duplicates, report.earlier_rows) == (0, MAX_EVENTS)
    assert await runtime.capture.log.count() == ROWS - len(BAD) - len(UNNAMED)


async def test_the_report_and_the_rejects_are_of_all_runs_together(run, tmp_path):
    run, _ = run
    with pytest.raises(Unavailable):
        await run(batches=1)
    with pytest.raises(Unavailable):
        await run(batches=1)
    report = await run()
    assert (report.rows, report.rejected_rows, report.rows_without_events) == (ROWS, len(BAD), len(UNNAMED))
    assert [count.count for count in report.reject_reasons] == [len(BAD)]
    assert [count.count for count in report.left_out] == [len(LEFT_OUT)]
    assert report.accepted == report.events == ROWS - len(BAD) - len(UNNAMED)
    rejected = (tmp_path / "rejects.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in rejected] == ["line", *(str(number + 2) for number in sorted(BAD))]


async def test_an_import_that_came_to_its_end_begins_again_at_the_first_row(run):
    run, _ = run
    await run()
    report = await run()
    assert (report.earlier_rows, report.duplicates) == (0, ROWS - len(BAD) - len(UNNAMED))


async def test_another_mapping_a_changed_file_or_lost_rejects_begin_at_the_first_row(run, file, tmp_path):
    run, _ = run
    with pytest.raises(Unavailable):
        await run(batches=1)
    assert (await run(mapping=MAPPING.replace("signup}", "trial.started}"))).earlier_rows == 0
    with pytest.raises(Unavailable):
        await run(batches=1)
    (tmp_path / "rejects.csv").unlink()
    assert (await run()).earlier_rows == 0
    with pytest.raises(Unavailable):
        await run(batches=1)
    file.write_text(file.read_text() + row(ROWS))
    assert (await run()).earlier_rows == 0


async def test_without_checkpoints_everything_is_offered_again(run):
    run, offered = run
    with pytest.raises(Unavailable):
        await run(batches=1, checkpoints=None)
    report = await run(checkpoints=None)
    assert len(offered) == 3
    assert report.duplicates > 0


async def test_a_checkpoint_holds_nothing_that_a_cell_says(run, runtime):
    run, _ = run
    with pytest.raises(Unavailable):
        await run(batches=1)
    kept = str([document async for document in runtime.store.database["checkpoints"].find()])
    assert "rows" in kept
    assert "Ada" not in kept
    assert "many" not in kept
    assert "k1" not in kept
