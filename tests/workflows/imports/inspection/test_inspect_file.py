"""A file that nobody knows: what its columns hold, what a person is warned of, and a mapping that works."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Invalid
from domain.privacy.personal_fields import USUAL_FIELDS
from tests.workflows.imports.workbooks import write_workbook
from workflows.imports.inspection.inspect_file import inspect_file
from workflows.imports.mapping.mapping_file import parse_mapping

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DATA = Path(__file__).parents[4].parent / "shared/data"


@pytest.fixture
def inspected(tmp_path):
    def inspected(content, name="list.csv"):
        file = tmp_path / name
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return inspect_file(file, now=NOW)

    return inspected


@pytest.fixture
def column(inspected):
    """The profile of one column with these cells."""

    def column(*cells, name="C"):
        rows = "".join(f'{number},"{cell}"\n' for number, cell in enumerate(cells))
        return inspected(f"Key,{name}\n{rows}").columns[1]

    return column


class TestColumns:
    @pytest.mark.parametrize(
        ("cells", "kind"),
        [
            (["ada@example.org", "bob@example.org"], "e-mail"),
            (["+49 170 1234567", "(030) 123 45 67"], "phone"),
            (["https://example.org/a", "www.example.org"], "link"),
            (["Yes", "no", ""], "yes or no"),
            (["1", "0"], "yes or no"),
            (["1,234.50", "12"], "number"),
            (["2026-11-20", "2026-11-21"], "time"),
            (["A;B;C", "B;C", "A"], "list"),
            (["red", "blue", "red", "blue"], "choice"),
            (["a1-b2", "c3-d4"], "id"),
            (["01234", "04321"], "id"),
            (["We met at the fair", "Call back"], "text"),
            (["", "n/a"], "empty"),
        ],
    )
    def test_a_column_is_known_by_its_cells(self, column, cells, kind):
        assert column(*cells).kind == kind

    def test_fill_rate_samples_and_words_for_nothing_are_told(self, column):
        found = column("red", "", "N/A", "blue")
        assert found.fill_rate == 0.5
        assert found.samples == ("red", "blue")
        assert found.nothing == ("N/A",)

    def test_digits_are_a_telephone_number_where_the_header_says_so(self, column):
        assert column("491701234567", "491701234568", name="Mobile").kind == "phone"
        assert column("491701234567", "491701234568", name="Size").kind == "number"

    def test_a_number_that_can_be_two_is_asked_for(self, column):
        assert "'1.000' may be thousands or a decimal" in column("1.000", "2.500").notes[0]
        assert column("1.000", "1.234,56").decimal == ","

    def test_days_and_months_that_can_change_places_are_told(self, column):
        assert "day or month first?" in column("01/02/2026", "03/04/2026").notes[0]
        assert column("13/02/2026", "03/04/2026").notes == ()

    def test_columns_that_look_personal_are_marked(self, column):
        assert column("ada@example.org", name="Login").is_personal
        assert column("Ada", name="First Name").is_personal
        assert not column("Analytical", name="Company").is_personal


class TestMapping:
    def test_a_list_of_leads_becomes_attributes_and_captured_leads(self, inspected):
        found = inspected(
            "Customer No;Created On;Source;Employees;E-mail\n17;20.11.2026;Referral;250;ada@example.org\n"
            "18;21.11.2026;Google;40;bob@example.org\n"
        )
        mapping = parse_mapping(found.mapping, "mapping")
        assert mapping.lead_id == "{Customer No}"
        assert [event.type.name for event in mapping.events] == ["lead.updated", "lead.captured"]
        assert mapping.events[0].occurred_at.format == ("%d.%m.%Y",)
        names = {name: wanted.column for name, wanted in mapping.events[0].properties.items()}
        assert names == {"leadSource": "Source", "companySize": "Employees", "email": "E-mail"}
        assert (found.trial.rows_with_events, found.trial.rejected_rows) == (2, 0)

    def test_a_log_of_events_becomes_events_of_the_types_that_rulebooks_know(self, inspected):
        found = inspected(
            "user_id,event,timestamp\n1,Signed up,2026-11-01T10:00:00Z\n1,Requested a demo,2026-11-02T10:00:00Z\n"
            "2,Page view,2026-11-02T10:00:00Z\n1,Page view,2026-11-03T10:00:00Z\n1,Page view,2026-11-04T10:00:00Z\n"
        )
        (event,) = parse_mapping(found.mapping, "mapping").events
        assert set(event.type.values.values()) == {"signup", "demo_request", "page_view"}
        assert found.trial.events == 5

    def test_leads_that_have_ended_or_want_no_contact_are_told_apart(self, inspected):
        found = inspected(
            "Lead ID,Created,Converted,Do Not Call,Email Opt Out\n1,2026-11-01,yes,no,no\n2,2026-11-02,no,yes,no\n"
        )
        types = {event.type.name for event in parse_mapping(found.mapping, "mapping").events}
        assert {"deal.won", "do_not_contact", "unsubscribed"} <= types

    def test_a_file_without_times_gets_made_up_ones_and_says_so(self, inspected):
        found = inspected("Lead ID,City\n1,Berlin\n2,Bonn\n")
        assert any("THE TIMES ARE MADE UP" in note for note in found.notes)
        assert "made up: the file has no times" in found.mapping
        assert found.trial.rows_with_events == 2

    def test_a_file_without_ids_tells_leads_apart_by_a_digest(self, inspected):
        found = inspected("Email,Created\nada@example.org,2026-11-01\nbob@example.org,2026-11-02\n")
        assert '"{Email|hash}"' in found.mapping
        assert found.trial.rows_with_events == 2

    def test_personal_columns_beyond_the_usual_names_are_sealed_by_their_own(self, inspected):
        emails = "".join(f",Email {kind}" for kind in ("work", "home", "private", "other"))
        found = inspected(f"Lead ID{emails}\n1{',a@example.org' * 4}\n2{',b@example.org' * 4}\n")
        sealed = parse_mapping(found.mapping, "mapping").events[0].properties
        assert all(name in USUAL_FIELDS for name in sealed)
        assert found.trial.open_personal == ()

    def test_parts_of_texts_that_are_sealed_are_noted(self, inspected):
        found = inspected("Lead ID,Topic,Notes\n1,call +49 170 1234567,mail a@example.org\n2,none,none\n")
        topic, remarks = found.columns[1:]
        assert "these parts are sealed" in str(topic.notes)
        assert remarks.notes == ()

    def test_a_personal_column_without_a_sealed_name_is_left_out_and_named(self, inspected):
        columns = "".join(f",Reach {number}" for number in range(1, 5))
        found = inspected(f"Lead ID{columns}\n1{',a@example.org' * 4}\n2{',b@example.org' * 4}\n")
        assert "it looks personal, and no name that is sealed is free" in found.mapping
        assert found.trial.open_personal == ()

    def test_how_the_file_is_written_goes_into_the_mapping(self, inspected):
        text = "Lead ID;Stadt;Datum\n1;M\u00fcnchen;2026-11-01\n2;K\u00f6ln;2026-11-02\n"
        section = parse_mapping(inspected(text.encode("cp1252")).mapping, "mapping").file
        assert (section.encoding, section.delimiter) == ("cp1252", ";")

    def test_a_workbook_is_inspected_like_any_file(self, tmp_path):
        rows = [
            ["Lead ID", "Created"],
            [1, datetime(2026, 11, 20, tzinfo=UTC)],
            [2, datetime(2026, 11, 21, tzinfo=UTC)],
        ]
        write_workbook(tmp_path / "leads.xlsx", {"Leads": rows})
        found = inspect_file(tmp_path / "leads.xlsx", now=NOW)
        assert parse_mapping(found.mapping, "mapping").file.sheet == "Leads"
        assert found.trial.rows_with_events == 2

    def test_names_that_yaml_would_misread_are_quoted(self, inspected):
        found = inspected('Lead ID,"A: b # c","yes","[d]","Say ""e"""\n1,x,x,x,x\n2,y,y,y,y\n')
        columns = {p.column for p in parse_mapping(found.mapping, "mapping").events[0].properties.values()}
        assert columns == {"A: b # c", "yes", "[d]", 'Say "e"'}

    def test_columns_with_the_same_name_or_none_are_left_alone(self, inspected):
        found = inspected("Lead ID,A,A,,B\n1,x,y,z,w\n2,x,y,z,w\n")
        assert [column.name for column in found.columns] == ["Lead ID", "", "", "", "B"]
        assert found.trial.rows_with_events == 2

    def test_a_file_without_rows_is_refused(self, inspected):
        with pytest.raises(Invalid, match="has no rows that can be read below its header"):
            inspected("Lead ID,A\n")


@pytest.mark.parametrize(
    "file", sorted(DATA.glob("*/*.csv")) or [None], ids=lambda file: file.stem if file else "none"
)
def test_the_mapping_of_a_real_file_takes_every_row(file):
    if file is None:
        pytest.skip(f"the real lead data is not in {DATA}")
    found = inspect_file(file, now=datetime.now(UTC))
    assert found.trial.rows_with_events == found.rows
    assert found.trial.left_out == ()
