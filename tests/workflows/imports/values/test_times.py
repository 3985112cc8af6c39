"""Times as files write them."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC

import pytest

from workflows.imports.tables.workbook import DateCell
from workflows.imports.values.day_order import other_order
from workflows.imports.values.times import TimeReader, check_format
from workflows.imports.values.zones import named_zone

BERLIN = named_zone("Europe/Berlin")
WITH_ZONE = "%Y-%m-%d %H:%M:%S %Z"


def read(text, *formats, zone=UTC):
    return TimeReader(formats, zone).read(text).isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("text", "formats", "instant"),
    [
        ("2026-11-20", (), "2026-11-20T00:00:00Z"),
        ("2026-11-20 16:05", (), "2026-11-20T16:05:00Z"),
        ("2026-11-20t16:05:00z", (), "2026-11-20T16:05:00Z"),
        ("2026-11-20T16:05:00.000+0000", (), "2026-11-20T16:05:00Z"),
        ("2026-11-20 16:05:00-05:00", (), "2026-11-20T21:05:00Z"),
        ("2026-11-20 16:05:00 +0200", (), "2026-11-20T14:05:00Z"),
        ("2026-11-20 16:05:00 UTC", (), "2026-11-20T16:05:00Z"),
        ("2026-11-20 16:05:00 Europe/Berlin", (), "2026-11-20T15:05:00Z"),
        ("2026/11/20", ("%Y/%m/%d",), "2026-11-20T00:00:00Z"),
        ("20.11.2026 10:00", ("%d.%m.%Y %H:%M",), "2026-11-20T10:00:00Z"),
        ("46346", ("excel",), "2026-11-20T00:00:00Z"),
        ("46346.6701388889", ("excel",), "2026-11-20T16:05:00Z"),
        ("44884", ("excel1904",), "2026-11-20T00:00:00Z"),
        ("1795190700", ("epoch",), "2026-11-20T16:05:00Z"),
        ("1795190700123", ("epochMs",), "2026-11-20T16:05:00.123000Z"),
    ],
)
def test_a_time_is_read_by_its_format(text, formats, instant):
    assert read(text, *formats) == instant


def test_seconds_and_milliseconds_are_never_taken_for_each_other():
    for formats in (("epoch", "epochMs"), ("epochMs", "epoch")):
        assert read("1795190700", *formats) == read("1795190700000", *formats) == "2026-11-20T16:05:00Z"


def test_the_first_format_that_fits_reads_a_cell():
    formats = ("%d.%m.%Y %H:%M", "%d.%m.%Y", "iso", "excel")
    assert read("20.11.2026", *formats) == "2026-11-20T00:00:00Z"
    assert read("2026-11-20T16:05:00Z", *formats) == "2026-11-20T16:05:00Z"
    assert read("46346", *formats) == "2026-11-20T00:00:00Z"


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("UTC", 12), ("GMT", 12), ("EST", 17), ("EDT", 16), ("PST", 20), ("CET", 11), ("CEST", 10)],
)
def test_the_zone_that_a_cell_names_is_believed_before_the_one_of_the_mapping(zone, hour):
    assert read(f"2026-07-01 12:00:00 {zone}", WITH_ZONE, zone=BERLIN) == f"2026-07-01T{hour}:00:00Z"


def test_a_cell_without_a_zone_is_in_the_one_of_the_mapping():
    assert read("2026-07-01 12:00:00", WITH_ZONE, zone=BERLIN) == "2026-07-01T10:00:00Z"


@pytest.mark.parametrize("formats", [(WITH_ZONE,), ()])
def test_a_zone_that_may_be_several_is_refused_and_never_dropped(formats):
    with pytest.raises(ValueError, match="names the zone IST, which is not known"):
        read("2026-07-01 12:00:00 IST", *formats)


def test_zones_do_not_depend_on_the_machine():
    code = (
        "from datetime import UTC; from workflows.imports.values.times import TimeReader;"
        f"print(TimeReader(('{WITH_ZONE}',), UTC).read('2026-01-15 12:00:00 EST').isoformat())"
    )
    for zone in ("America/New_York", "Asia/Tokyo"):
        said = subprocess.check_output(
            [sys.executable, "-c", code], env={**os.environ, "TZ": zone}, text=True
        )
        assert said.strip() == "2026-01-15T17:00:00+00:00"


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2026-03-29 02:30", "2026-03-29T01:30:00Z"), ("2026-10-25 02:10", "2026-10-25T00:10:00Z")],
)
def test_hours_that_summer_time_skips_or_repeats_get_the_nearest_sense(text, instant):
    assert read(text, zone=BERLIN) == instant


def test_a_date_of_a_workbook_needs_no_format():
    assert read(DateCell("2026-11-20T16:05:00"), "%d/%m/%Y") == "2026-11-20T16:05:00Z"


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        ("yesterday", ()),
        ("46346", ()),
        ("31/02/2026", ("%d/%m/%Y",)),
        ("2026-11-20 5:00 PM", ()),
        ("20. \u043d\u043e\u044f\u0431\u0440\u044f 2026", ("%d. %B %Y",)),
        ("1e9", ("epoch",)),
        ("3000000", ("excel",)),
    ],
)
def test_what_is_no_such_time_is_refused(text, formats):
    with pytest.raises(ValueError, match="is not "):
        read(text, *formats)


@pytest.mark.parametrize("name", ["%d/%Q", "%s", "%H:%M", "serial"])
def test_a_format_that_cannot_be_read_is_told(name):
    with pytest.raises(ValueError, match="write one such as %Y-%m-%d"):
        check_format(name)


def test_cells_leave_the_order_of_day_and_month_open_or_decide_it():
    assert other_order("%d/%m/%Y", ["01/02/2026", "03/04/2026"]) == "month first"
    assert other_order("%m/%d/%Y", ["01/02/2026"]) == "day first"
    assert other_order("%d/%m/%Y", ["13/02/2026", "03/04/2026"]) == ""
    assert other_order("%d/%m/%Y", ["02/02/2026"]) == ""
    assert other_order("%Y-%m-%d", ["2026-01-02"]) == ""
