"""Mappings: their faults, and the events that they make of a row."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import Invalid
from workflows.capture.event_input import to_new_event
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.imports.rows.row_reader import RowReader

EXAMPLES = Path(__file__).parents[3] / "docs/examples"

ORDERS = """
source: shop
leadId: Customer
empty: [n/a]
events:
  - type: order.placed
    eventId: "shop:{Order}"
    occurredAt: {column: Placed, format: "%d/%m/%Y %H:%M", timezone: Europe/Berlin}
    properties: {total: {column: Total, type: number}, gift: {column: Gift, type: boolean}, channel: Channel}
"""
ORDER = {"Customer": "ada", "Order": "17", "Placed": "02/07/2024 10:30", "Total": "12.50"}

VISITS = """
source: site
leadId: "site-{Id}"
events:
  - type: page_view
    eventId: "visit:{Id}:{index}"
    repeat: {column: Visits, everyMinutes: 90, atMost: 3}
    occurredAt: {base: 2024-01-01T09:00:00+01:00, plus: {column: Days, unit: days}, minus: {column: Secs, unit: seconds}}
"""


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def read(text, **cells):
    """The events of a row, with the remarks about it."""
    return RowReader(parse_mapping(text, "map.yaml")).read(cells, NOW)


def made(text, **cells):
    return read(text, **cells).events


def one(properties="{}", *, more="", **cells):
    """The event of a row by a mapping that is all defaults but these."""
    text = f"""
source: s
leadId: Id
events:
  - {{type: t, eventId: "e:{{Id}}", occurredAt: {{base: 2024-01-01T00:00:00Z}}, properties: {properties}{more}}}
"""
    events = made(text, Id="1", **cells)
    assert len(events) <= 1
    return events[0] if events else None


def faults(text):
    """The faults of a wrong mapping; the line that is also named is left out."""
    with pytest.raises(Invalid) as caught:
        parse_mapping(text, "map.yaml")
    said = [str(fault) for fault in caught.value.faults]
    return [re.sub(r", line \d+", "", fault, count=1) for fault in said]


class TestEvents:
    def test_a_row_becomes_the_event_that_the_mapping_says(self):
        (event,) = made(ORDERS, **ORDER, Gift="Yes", Channel="Phone")
        assert event.lead_id == "ada"
        assert event.type == "order.placed"
        assert event.event_id == "shop:17"
        assert event.source == "shop"
        assert event.properties == {"total": 12.5, "gift": True, "channel": "Phone"}

    def test_a_time_without_a_zone_is_taken_in_the_zone_of_the_mapping(self):
        (event,) = made(ORDERS, **ORDER)
        assert event.occurred_at == datetime(2024, 7, 2, 8, 30, tzinfo=UTC)

    def test_a_time_that_says_its_offset_is_believed(self):
        text = ORDERS.replace('format: "%d/%m/%Y %H:%M", ', "")
        (event,) = made(text, **ORDER | {"Placed": "2024-07-02T10:30:00-05:00"})
        assert event.occurred_at == datetime(2024, 7, 2, 15, 30, tzinfo=UTC)

    def test_without_a_format_a_date_is_its_midnight(self):
        text = ORDERS.replace('format: "%d/%m/%Y %H:%M", timezone: Europe/Berlin', "timezone: UTC")
        (event,) = made(text, **ORDER | {"Placed": "2024-07-02"})
        assert event.occurred_at == datetime(2024, 7, 2, tzinfo=UTC)

    def test_an_empty_cell_leaves_its_property_out(self):
        (event,) = made(ORDERS, **ORDER)
        assert "gift" not in event.properties

    @pytest.mark.parametrize("column", ["Customer", "Order", "Placed"])
    def test_a_row_without_lead_event_id_or_time_is_refused_by_the_name_of_the_column(self, column):
        row = {name: cell for name, cell in ORDER.items() if name != column}
        with pytest.raises(Invalid, match=f"'{column}' is empty"):
            made(ORDERS, **row)

    def test_a_repeated_event_is_numbered_and_spaced(self):
        events = made(VISITS, Id="7", Visits="2")
        assert [event.event_id for event in events] == ["visit:7:1", "visit:7:2"]
        assert [event.occurred_at for event in events] == [
            datetime(2024, 1, 1, 8, tzinfo=UTC),
            datetime(2024, 1, 1, 9, 30, tzinfo=UTC),
        ]

    @pytest.mark.parametrize(("visits", "times"), [("0", 0), ("", 0), ("3", 3), ("251", 3), ("2.0", 2)])
    def test_a_repeat_is_bounded_and_nothing_means_none(self, visits, times):
        assert len(made(VISITS, Id="7", **({"Visits": visits} if visits else {}))) == times

    @pytest.mark.parametrize("visits", ["-1", "1.5", "many", "1_0", "\u0661"])
    def test_a_repeat_must_be_a_count(self, visits):
        with pytest.raises(Invalid, match="'Visits'"):
            made(VISITS, Id="7", Visits=visits)

    def test_a_base_is_moved_by_numbers_in_the_row(self):
        (event,) = made(VISITS, Id="7", Visits="1", Days="2", Secs="30")
        assert event.occurred_at == datetime(2024, 1, 3, 7, 59, 30, tzinfo=UTC)

    @pytest.mark.parametrize("days", ["3e6", "1e300", "-1e6"])
    def test_a_time_out_of_the_calendar_is_refused(self, days):
        with pytest.raises(Invalid, match="calendar"):
            made(VISITS, Id="7", Visits="1", Days=days)

    @pytest.mark.parametrize(
        ("test", "cell", "passes"),
        [
            ("equals: 'Yes'", "Yes", True),
            ("equals: Yes", "Yes", True),
            ("equals: Yes", "yes", True),
            ("equals: Yes", "no", False),
            ("equals: Yes", None, False),
            ("in: [A, B]", "B", True),
            ("in: [A, B]", "b", True),
            ("in: [A, B]", "C", False),
            ("in: [A, B]", None, False),
            ("notEmpty: true", "x", True),
            ("notEmpty: true", None, False),
            ("notEmpty: false", None, True),
            ("notEmpty: false", "x", False),
        ],
    )
    def test_an_event_is_made_only_when_its_test_passes(self, test, cell, passes):
        cells = {} if cell is None else {"C": cell}
        assert (one(more=f", when: {{column: C, {test}}}", **cells) is not None) == passes

    def test_a_column_can_choose_the_type_and_a_value_not_listed_makes_no_event(self):
        text = ORDERS.replace("type: order.placed", "type: {column: Kind, values: {New order: order.placed}}")
        assert made(text, **ORDER, Kind="New order")[0].type == "order.placed"
        assert made(text, **ORDER, Kind="Other") == []
        assert made(text, **ORDER) == []

    @pytest.mark.parametrize(
        ("kind", "cell", "value"),
        [
            ("number", "5", 5),
            ("number", "-2.50", -2.5),
            ("number", "1e3", 1000.0),
            ("number", "007", 7),
            ("boolean", "Yes", True),
            ("boolean", "FALSE", False),
            ("boolean", "0", False),
            ("text", "Google", "Google"),
            ("text, lowercase: true", "Google", "google"),
        ],
    )
    def test_a_property_is_read_by_its_type(self, kind, cell, value):
        event = one(f"{{p: {{column: C, type: {kind}}}}}", C=cell)
        assert event.properties == {"p": value}
        assert type(event.properties["p"]) is type(value)

    @pytest.mark.parametrize(
        ("kind", "cell"),
        [
            ("number", "nan"),
            ("number", "1e999"),
            ("number", "9" * 30),
            ("boolean", "maybe"),
        ],
    )
    def test_a_property_that_is_not_of_its_type_costs_itself_or_the_row(self, kind, cell):
        assert one(f"{{p: {{column: C, type: {kind}}}}}", C=cell).properties == {}
        with pytest.raises(Invalid, match="column 'C': "):
            one(f"{{p: {{column: C, type: {kind}, onBad: reject}}}}", C=cell)

    def test_a_row_obeys_the_rules_of_http(self):
        with pytest.raises(Invalid) as caught:
            made(ORDERS, **ORDER | {"Customer": "x" * 201})
        assert "/leadId" in str(caught.value)

    @settings(deadline=None)
    @given(
        cells=st.dictionaries(
            st.sampled_from(["Customer", "Order", "Placed", "Total", "Gift", "Channel"]),
            st.one_of(st.sampled_from(["02/07/2024 10:30", "1", "Yes", "1e400"]), st.text(min_size=1)),
        )
    )
    def test_any_row_makes_the_same_events_again_or_is_refused(self, cells):
        mapping = parse_mapping(ORDERS, "map.yaml")
        try:
            events = RowReader(mapping).read(cells, NOW).events
        except Invalid:
            return
        again = RowReader(mapping).read(cells, NOW).events
        hashes = [[to_new_event(event, "id", 0).body_hash for event in run] for run in (events, again)]
        assert events == again
        assert hashes[0] == hashes[1]


class TestFaults:
    @pytest.mark.parametrize(
        ("before", "after", "fault"),
        [
            ("source: shop\n", "", "map.yaml, source: is missing; write it"),
            ("source: shop", "source: lead-engine", "must not be lead-engine"),
            ("leadId: Customer", "leadId: ''", "map.yaml, leadId: write the name of a column"),
            ("leadId: Customer", "leadID: Customer", "did you mean 'leadId'?"),
            ("leadId: Customer", "leadId: '{Customer'", "brace without its partner"),
            ("type: order.placed", "type: '\u200b'", "map.yaml, events[1].type: /type"),
            (
                "type: order.placed",
                "type: {column: Kind}",
                "map.yaml, events[1].type: write a type, or a column",
            ),
            ("shop:{Order}", "shop", "map.yaml, events[1]: eventId must name a column"),
            ("shop:{Order}", "shop:{Order}:{index}", "if the event has a repeat, and only then"),
            ("shop:{Order}", "decay:{Order}", "must not begin with assign:, decay:"),
            ("column: Placed, ", "", "map.yaml, events[1].occurredAt: write either the column"),
            ("column: Placed", "base: 2024-01-01T00:00:00Z", "format and timezone belong to a column"),
            ("column: Placed, ", "base: 2024-01-01, ", "map.yaml, events[1].occurredAt.base"),
            (
                "Europe/Berlin",
                "Europe/Atlantis",
                "there is no time zone 'Europe/Atlantis'; write one such as UTC",
            ),
            ("%d/%m/%Y %H:%M", "%d/%Q", "'%d/%Q' is not a strptime format"),
            (
                "type: number",
                "type: money",
                "events[1].properties.total.type: 'money' is not possible; write one of 'text'",
            ),
            ("type: number", "lowercase: maybe", "map.yaml, events[1].properties.total.lowercase"),
            (
                "type: number",
                "type: number, lowercase: true",
                "lowercase is for text or list only; remove it",
            ),
            (
                "channel: Channel",
                '"": Channel',
                "must not be empty or contain NUL",
            ),
            ("properties", "when: {column: Gift}\n    properties", "write one of equals, in, notEmpty"),
            ("properties", "repeat: {column: N, everyMinutes: 0, atMost: 5000}\n    properties", "atMost"),
            ("empty: [n/a]", "empty: n/a", "map.yaml, empty"),
            ("events:", "events: []\nother:", "map.yaml, events: write at least one event"),
            ("events:", "events: [", "map.yaml: "),
        ],
    )
    def test_a_wrong_mapping_is_told_where_and_what_to_write(self, before, after, fault):
        assert before in ORDERS
        assert any(fault in said for said in faults(ORDERS.replace(before, after, 1)))

    def test_every_fault_is_told_at_once(self):
        said = faults(ORDERS.replace("source: shop\n", "").replace("type: number", "type: money"))
        assert len(said) == 2

    @pytest.mark.parametrize("text", ["", "- a", "just words"])
    def test_what_is_not_a_mapping_at_all_is_told_how_to_begin(self, text):
        assert faults(text) == [
            "map.yaml: write sections: source, file, columns, leadId, identifiers, empty, numbers, onBad, onEmpty, future, events"
        ]

    def test_two_events_cannot_share_an_event_id(self):
        entry = ORDERS[ORDERS.index("  - type") :]
        assert "two events have the eventId 'shop:{Order}'" in faults(ORDERS + entry)[0]

    def test_a_row_may_not_make_more_events_than_one_request_holds(self):
        entry = VISITS[VISITS.index("  - type") :].replace("visit:", "other:")
        text = (VISITS + entry).replace("atMost: 3", "atMost: 501")
        assert "a row can make 1002 events" in faults(text)[0]


class TestExamples:
    @pytest.mark.parametrize("name", ["olist_leads", "olist_deals", "x_education"])
    def test_the_examples_are_valid_mappings(self, name):
        assert parse_mapping((EXAMPLES / f"{name}.yaml").read_text(), name).events

    def test_the_x_education_example_never_looks_at_what_leaks_the_outcome(self):
        mapping = parse_mapping((EXAMPLES / "x_education.yaml").read_text(), "x_education")
        leaks = ("Convert", "Tags", "Lead Quality", "Lead Profile", "Asymmetrique")
        assert [column for column in mapping.columns if column.startswith(leaks)] == []

    def test_the_documentation_shows_the_examples_as_they_are_and_every_mapping_in_it_is_valid(self):
        shown = re.findall("```yaml\n(.*?)```", (EXAMPLES.parent / "import.md").read_text(), re.DOTALL)
        assert all(parse_mapping(text, "import.md") for text in shown)
        assert {example.read_text() for example in EXAMPLES.glob("*.yaml")} < set(shown)
