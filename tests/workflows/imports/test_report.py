"""The report accounts for every row, in dry runs too."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.privacy.personal_fields import PersonalFields
from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.report import MAX_GROUPS, Count, Tally

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAPPING = """
source: crm
leadId: Id
empty: [n/a]
events:
  - type: {column: Status, values: {Won: deal.won, Lost: deal.lost, Open: ''}}
    eventId: "s:{Id}"
    occurredAt: {column: At}
    properties: {amount: {column: Amount, type: number}, workEmail: Email}
"""
ROWS = """Id,Status,At,Amount,Email
1,Won,2026-11-01,100,a@example.org
2,won,2026-11-01,N/A,
3,LOST,2026-11-01,lots,
4,Open,2026-11-01,,
5,wonn,2026-11-01,,
6,,2026-11-01,,
7,Won,2029-11-01,,
8,Won,yesterday,,
9,Won,"2026-11-01,,
10,Won,2026-11-02
,Won,2026-11-02,,
"""


@pytest.fixture
def run(tmp_path):
    async def run(text=ROWS, mapping=MAPPING, **rest):
        file = tmp_path / "deals.csv"
        file.write_text(text)
        return await import_file(
            file,
            parse_mapping(mapping, "map.yaml"),
            None,
            rejects=tmp_path / "rejects.csv",
            now=lambda: NOW,
            **rest,
        )

    return run


async def test_every_row_made_events_or_nothing_or_was_rejected(run):
    report = await run()
    assert report.rows == 11
    assert (report.rows_with_events, report.rows_without_events, report.rejected_rows) == (4, 3, 4)


async def test_reasons_of_rejects_are_grouped_with_the_line_of_the_first(run):
    report = await run(ROWS + "12,Won,never,,\n13,Won,2030-01-01,,\n")
    assert set(report.reject_reasons) == {
        Count("column 'At' is not a time such as 2024-01-31 or 2024-01-31 16:05:00", 2, "line 9"),
        Count("column 'At' lies in the future, and nothing has happened there yet", 2, "line 8"),
        Count("opens a quote that never closes", 1, "line 10"),
        Count("column 'Id' is empty, and '{Id}' needs it", 1, "line 12"),
    }


async def test_rows_that_made_nothing_say_why(run):
    reasons = {count.what: count.count for count in (await run()).no_event_reasons}
    assert reasons == {"no entry makes an event of column 'Status'": 2, "column 'Status' is empty": 1}


async def test_cells_that_no_entry_names_are_listed(run):
    assert (await run()).unnamed == (Count("column 'Status': 'wonn'", 1),)


async def test_values_left_out_are_counted_by_property(run):
    assert (await run()).left_out == (
        Count("amount: column 'Amount' is not a number such as 12 or 3.5", 1, "lots"),
    )


async def test_events_of_the_future_are_counted_whatever_becomes_of_them(run):
    report = await run(mapping=MAPPING.replace("empty:", "future: skip\nempty:"))
    assert report.future == (Count("column 'At': left out", 1, "2029-11-01T00:00:00Z"),)
    assert report.rejected_rows == 3


async def test_rows_that_lack_cells_at_their_end_are_told(run):
    (notice,) = (await run()).notices
    assert notice.startswith("1 row has fewer cells than the header, the first one on line 11;")


async def test_properties_that_look_personal_and_are_not_sealed_are_told(run):
    fields = PersonalFields(["email"])
    assert (await run(mapping=MAPPING.replace("workEmail", "mail"), sealed=fields)).open_personal == (
        "mail (column 'Email')",
    )
    assert (await run(mapping=MAPPING.replace("workEmail", "email"), sealed=fields)).open_personal == ()


async def test_dates_whose_day_and_month_can_change_places_are_told(run):
    mapping = MAPPING.replace("{column: At}", "{column: At, format: '%d/%m/%Y'}")
    rows = "Id,Status,At,Amount,Email\n1,Won,01/02/2026,,\n2,Won,03/04/2026,,\n"
    (notice,) = (await run(rows, mapping)).notices
    assert notice.startswith(
        "Column 'At' was read day first; the first rows could be read month first as well."
    )
    assert (await run(rows + "3,Won,25/04/2026,,\n", mapping)).notices == ()


async def test_how_the_file_is_written_is_told(run):
    report = await run("sep=;\n" + ROWS.replace(",", ";").replace('"', ""))
    assert report.file[0] == 'CSV, UTF-8, delimiter semicolon, quote ".'


def test_kinds_beyond_the_bound_are_counted_together():
    tally = Tally()
    for number in range(MAX_GROUPS + 5):
        tally.add(f"kind {number}")
    assert tally.counts()[0] == Count("others", 5)
    assert len(tally.counts()) == MAX_GROUPS + 1
