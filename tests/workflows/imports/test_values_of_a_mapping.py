"""Values that a mapping makes of cells: numbers, lists, words for nothing, prefixes, times in the future, values left out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.errors import Invalid
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.rows.remarks import Remark
from workflows.imports.rows.row_reader import RowReader

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def row(properties="{}", *, top="", event="", cells=None, sample=None, at="base: 2024-01-01T00:00:00Z"):
    """The events of a row with an Id and these cells by a mapping that is all defaults but these lines."""
    text = f"""
source: s
leadId: Id
{top}
events:
  - {{type: t, eventId: "e:{{Id}}", occurredAt: {{{at}}}, properties: {properties}{event}}}
"""
    reader = RowReader(parse_mapping(text, "map.yaml"), sample)
    return reader.read({"Id": "1", **(cells or {})}, NOW)


def properties(*args, **rest):
    (event,) = row(*args, **rest).events
    return event.properties


class TestProperties:
    def test_marks_of_numbers_can_be_said_for_one_property_or_for_all(self):
        cells = {"C": "1.000"}
        assert properties("{p: {column: C, type: number, decimal: ','}}", cells=cells) == {"p": 1000}
        assert properties("{p: {column: C, type: number}}", top="numbers: {decimal: ','}", cells=cells) == {
            "p": 1000
        }

    def test_the_rest_of_the_column_decides_what_one_cell_leaves_open(self):
        text = "{p: {column: C, type: number}}"
        assert properties(text, cells={"C": "1.000"}, sample={"C": ["1.234,56"]}) == {"p": 1000}
        found = row(text, cells={"C": "1.000"}, sample={"C": ["2.000", "17"]})
        assert found.events[0].properties == {}
        assert "may be thousands or a decimal" in found.remarks[0].what

    def test_lists_booleans_times_and_constants(self):
        text = (
            "{tags: {column: T, type: list, separator: '|', lowercase: true}, paid: {column: P, type: boolean, yes: [Settled],"
            " no: Open}, at: {column: A, type: time, format: '%d.%m.%Y', timezone: Europe/Berlin}, campaign: {value: spring}}"
        )
        assert properties(text, cells={"T": "A | B|", "P": "settled", "A": "20.11.2026"}) == {
            "tags": ["a", "b"],
            "paid": True,
            "at": "2026-11-19T23:00:00Z",
            "campaign": "spring",
        }

    def test_a_bad_value_is_left_out_and_remarked_and_the_row_stays(self):
        found = row("{p: {column: C, type: number}, q: D}", cells={"C": "many", "D": "x"})
        assert found.events[0].properties == {"q": "x"}
        assert found.remarks == [
            Remark("left out", "p: column 'C' is not a number such as 12 or 3.5", "many")
        ]

    @pytest.mark.parametrize("where", ["top", "property"])
    def test_a_bad_value_can_cost_the_row(self, where):
        option = ", onBad: reject" if where == "property" else ""
        top = "onBad: reject" if where == "top" else ""
        with pytest.raises(Invalid, match="column 'C': 'many' is not a number"):
            row(f"{{p: {{column: C, type: number{option}}}}}", top=top, cells={"C": "many"})

    def test_an_emptied_cell_keeps_or_clears_the_attribute(self):
        assert properties("{p: C}") == {}
        assert properties("{p: {column: C, onEmpty: clear}}") == {"p": None}
        assert properties("{p: C, q: {column: D, onEmpty: keep}}", top="onEmpty: clear") == {"p": None}

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("{p: {column: C, decimal: ','}}", "decimal is for number only; remove it"),
            ("{p: {column: C, type: number, decimal: ',', thousands: ','}}", "must be different marks"),
            ("{p: {column: C, separator: ';'}}", "separator is for list only"),
            ("{p: {type: number}}", "write either the column of the value or a value"),
            ("{p: {column: C, type: time, format: '%Q'}}", "is not a strptime format"),
        ],
    )
    def test_options_that_do_not_go_together_are_told(self, text, fault):
        with pytest.raises(Invalid) as caught:
            row(text)
        assert fault in str(caught.value)


class TestWords:
    def test_values_and_conditions_compare_without_case(self):
        text = ", when: {column: S, equals: Paid}"
        assert len(row(event=text, cells={"S": "PAID"}).events) == 1
        assert row(event=text, cells={"S": "open"}).events == []

    @pytest.mark.parametrize("cell", ["Closed Won", "closed won", "CLOSED WON"])
    def test_a_type_is_chosen_without_case(self, cell):
        (event,) = typed(cell).events
        assert event.type == "deal.won"

    def test_a_cell_that_no_entry_names_is_remarked(self):
        found = typed("Closed wonn")
        assert found.events == []
        assert Remark("unnamed", "column 'S'", "Closed wonn") in found.remarks

    def test_a_cell_that_is_named_to_make_nothing_is_not(self):
        assert {remark.subject for remark in typed("open").remarks} == {"nothing"}

    def test_two_values_that_differ_in_case_only_are_refused(self):
        with pytest.raises(Invalid, match="two of the values differ in case only"):
            parse_mapping(TYPED.replace("Open: ''", "closed won: x"), "map.yaml")


TYPED = """
source: s
leadId: Id
events:
  - type: {column: S, values: {Closed Won: deal.won, Open: ''}}
    eventId: "e:{Id}"
    occurredAt: {base: 2024-01-01T00:00:00Z}
"""


def typed(cell):
    return RowReader(parse_mapping(TYPED, "map.yaml")).read({"Id": "1", "S": cell}, NOW)


class TestIds:
    def test_a_digest_stands_for_an_address(self):
        text = TYPED.replace("leadId: Id", 'leadId: "{Mail|hash}"').replace("e:{Id}", "e:{Mail|hash}")
        reader = RowReader(parse_mapping(text, "map.yaml"))
        ids = {
            (event.lead_id, event.event_id)
            for mail in ("Ada@example.org", "ada@EXAMPLE.org ")
            for event in reader.read({"Mail": mail, "S": "closed won"}, NOW).events
        }
        ((lead_id, event_id),) = ids
        assert "@" not in lead_id + event_id
        assert event_id == f"e:{lead_id}"

    def test_an_id_that_lost_digits_is_refused(self):
        with pytest.raises(
            Invalid, match=r"column 'Id': '1\.23457E\+11' is a number that a spreadsheet has shortened"
        ):
            row(cells={"Id": "1.23457E+11"})

    def test_a_row_that_makes_no_event_needs_no_id(self):
        reader = RowReader(parse_mapping(TYPED, "map.yaml"))
        assert reader.read({"S": "open"}, NOW).events == []
        with pytest.raises(Invalid, match="column 'Id' is empty"):
            reader.read({"S": "closed won"}, NOW)


class TestFuture:
    AT = "column: At, format: '%d/%m/%Y'"
    CELLS = {"At": "01/02/2029"}  # noqa: RUF012 - never changed

    def test_a_time_in_the_future_is_refused_by_default(self):
        with pytest.raises(Invalid, match="column 'At': '2029-02-01T00:00:00Z' lies in the future") as caught:
            row(at=self.AT, cells=self.CELLS)
        assert caught.value.kind == "column 'At' lies in the future, and nothing has happened there yet"

    @pytest.mark.parametrize("where", ["top", "event"])
    def test_it_can_be_left_out(self, where):
        top = "future: skip" if where == "top" else ""
        at = f"{self.AT}, future: skip" if where == "event" else self.AT
        found = row(at=at, top=top, cells=self.CELLS)
        assert found.events == []
        assert [remark.subject for remark in found.remarks] == ["future", "nothing"]

    def test_it_can_be_taken_as_now_and_stays_the_same_event_in_the_next_run(self):
        found = row(at=self.AT, top="future: now", cells=self.CELLS)
        assert found.events[0].occurred_at == datetime(2029, 2, 1, tzinfo=UTC)
        assert found.remarks == [Remark("future", "column 'At': taken as now", "2029-02-01T00:00:00Z")]

    def test_two_digits_of_a_year_and_a_local_time_can_lie_in_the_future_too(self):
        with pytest.raises(Invalid, match="lies in the future"):
            row(at="column: At, format: '%d/%m/%y'", cells={"At": "01/02/68"})
        with pytest.raises(Invalid, match="by a few hours; if it is a local time, write its timezone"):
            row(at="column: At", cells={"At": "2026-11-22 12:30"})
        assert row(at="column: At, timezone: Europe/Berlin", cells={"At": "2026-11-22 12:30"}).events

    def test_repeats_that_reach_into_the_future_are_looked_at_one_by_one(self):
        event = ", repeat: {column: N, everyMinutes: 60, atMost: 5}"
        text = """
source: s
leadId: Id
future: skip
events:
  - {type: t, eventId: "e:{Id}:{index}", occurredAt: {base: 2026-11-22T10:30:00Z}"""
        reader = RowReader(parse_mapping(f"{text}{event}}}\n", "map.yaml"))
        assert len(reader.read({"Id": "1", "N": "5"}, NOW).events) == 2
