"""Files as people have them: encodings, delimiters, title lines, footers, archives, workbooks and pipes."""

from __future__ import annotations

import gzip
import io
import os
import threading
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import Invalid
from tests.workflows.imports.workbooks import write_workbook
from workflows.imports.tables.description import describe_file
from workflows.imports.tables.source import STANDARD_INPUT
from workflows.imports.tables.table import FileFormat, open_table

ROWS = [["k1", "M\u00fcller", "1"], ["k2", "Caf\u00e9 \u2013 Nord", "2"]]
TEXT = "Id,Name,Seats\n" + "".join(f"{','.join(row)}\n" for row in ROWS)


class TestEncodings:
    @pytest.mark.parametrize(
        ("encoding", "said"),
        [
            ("utf-8", "utf-8"),
            ("utf-8-sig", "utf-8"),
            ("cp1252", "cp1252"),
            ("utf-16", "utf-16-le"),
            ("utf-16-le", "utf-16-le"),
            ("utf-16-be", "utf-16-be"),
            ("utf-32", "utf-32-le"),
        ],
    )
    def test_the_encoding_is_detected_and_told(self, read, encoding, said):
        found = read(TEXT.encode(encoding))
        assert (found.header, found.rows) == (["Id", "Name", "Seats"], ROWS)
        assert found.facts.encoding == said

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [
            ("cp1251", "Мария Сидорова"),
            ("cp932", "山田太郎鈴木花子"),
            ("cp1250", "Łódź Příliš žluťoučký kůň"),
        ],
    )
    def test_other_alphabets_are_detected(self, read, encoding, name):
        found = read(f"Id,Name\n1,{name}\n2,{name}\n".encode(encoding))
        assert found.rows[0][1] == name

    def test_the_encoding_shows_where_the_first_letter_beyond_ascii_stands(self, read):
        text = "Id,Name\n" + "".join(f"{number},Ada\n" for number in range(50_000)) + "x,M\u00fcller\n"
        found = read(text.encode("cp1252"))
        assert found.rows[-1] == ["x", "M\u00fcller"]
        assert found.table.facts.encoding == "cp1252"

    def test_a_damaged_letter_in_utf_8_costs_its_row(self, read):
        found = read(TEXT.encode() + b"k3,Andr\xe9,3\nk4,Ada,4\n")
        assert found.rejects == {4: "has a byte (0xe9) that is not utf-8 text"}
        assert [row[0] for row in found.rows] == ["k1", "k2", "k4"]

    def test_one_odd_byte_in_an_ascii_file_swallows_nothing(self, read):
        found = read(b"Id,Name,Seats\nk1,A\x81,1\nk2,B\xfe,2\nk3,C,3\n")
        assert len(found.rows) + len(found.rejects) == 3
        assert found.rows[-1] == ["k3", "C", "3"]

    def test_an_encoding_that_is_said_is_used(self, read):
        assert read("Id,Name\n1,M\u00fcller\n".encode("cp850"), encoding="cp850").rows == [
            ["1", "M\u00fcller"]
        ]

    def test_a_byte_order_mark_is_believed_before_the_mapping(self, read):
        assert read(TEXT.encode("utf-16"), encoding="cp1252").rows == ROWS


class TestDelimiters:
    @pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
    def test_the_delimiter_is_detected(self, read, mark):
        found = read("Id;Price;Note\n1;2,5;a b\n2;3,5;c d\n".replace(";", mark) if mark != "," else TEXT)
        assert found.facts.dialect.delimiter == mark
        assert len(found.header) == 3

    def test_a_first_line_may_name_the_delimiter(self, read):
        for line in ("sep=;\n", '"sep=;"\r\n', "\ufeffsep=;\n"):
            found = read(f"{line}Id;Name\n1;a,b\n")
            assert (found.header, found.rows) == (["Id", "Name"], [["1", "a,b"]])

    def test_lists_in_cells_are_not_taken_for_rows(self, read):
        found = read("Id,Tags\n1,A;B;C\n2,A;B;C\n3,A;B;C\n")
        assert found.rows[0] == ["1", "A;B;C"]

    def test_the_columns_of_the_mapping_decide(self, read):
        found = read("a;b,c;d\n1;2,3;4\n", expected=["b,c"])
        assert found.header == ["a", "b,c", "d"]

    def test_single_quotes_are_detected_and_others_can_be_said(self, read):
        assert read("Id,Name\n1,'a, b'\n2,'c, d'\n3,'e'\n").rows[0] == ["1", "a, b"]
        assert read('Id\tName\n1\t"a\n', delimiter="\t", quote="").rows == [["1", '"a']]

    def test_quotes_escaped_by_backslashes_are_detected(self, read):
        found = read('Id,Name\n1,"a \\"b\\"\nc, d"\n2,"e"\n')
        assert found.rows[0] == ["1", 'a "b"\nc, d']
        assert found.facts.dialect.escape


class TestLinesThatAreNoRows:
    REPORT = 'Campaign report\n"January 1, 2026 - January 31, 2026"\n\nId,Created,Cost\nk1,2026-01-02,5\nk2,2026-01-03,6\n'

    def test_title_lines_and_footers_are_detected_and_told(self, read):
        footer = '\n"Confidential Information - Do Not Distribute"\nCopyright (c) 2026\n'
        found = read(self.REPORT + "Total: 2 rows\n" + footer)
        assert found.header == ["Id", "Created", "Cost"]
        assert [row[0] for row in found.rows] == ["k1", "k2"]
        assert not found.rejects
        said = " ".join(describe_file(found.facts, found.table.footer))
        assert "Campaign report" in said
        assert "from line 7: 'Total: 2 rows'" in said

    def test_they_can_be_said(self, read):
        found = read(
            "x,y,z\n1,2,3\nId,Created,Cost\nk1,2026-01-02,5\nk2,1,1\nk3,1,1\n", skip_lines=2, footer=2
        )
        assert (found.header, len(found.rows)) == (["Id", "Created", "Cost"], 1)
        assert [row.line for row in found.table.footer] == [5, 6]

    def test_a_last_row_that_broke_off_is_no_footer(self, read):
        assert read("Id,Created,Cost\nk1,2026-01-02,5\nk2\n").rejects == {3: "has 1 cells, the header has 3"}

    def test_a_header_over_several_lines_is_read(self, read):
        assert read('Id,"Name of\nlead",Cost\n1,a,2\n').header == ["Id", "Name of\nlead", "Cost"]


class TestArchives:
    def test_gzip_is_read(self, read):
        found = read(gzip.compress(TEXT.encode()), name="leads.csv.gz")
        assert found.rows == ROWS
        assert found.facts.packing == "gzip"
        assert found.table.fraction == 1

    def test_gzip_that_breaks_off_is_told(self, read):
        packed = gzip.compress(TEXT.encode() + os.urandom(300_000).hex().encode())
        with pytest.raises(Invalid, match="cannot be read to its end"):
            read(packed[: len(packed) // 2], name="leads.csv.gz")

    def test_the_only_file_of_a_zip_archive_is_read(self, read):
        found = read(_zipped({"__MACOSX/._leads.csv": b"x", "leads.csv": TEXT.encode()}))
        assert found.rows == ROWS
        assert found.facts.packing == "zip, leads.csv"

    def test_of_several_files_one_must_be_named(self, read):
        packed = _zipped({"a.csv": TEXT.encode(), "b.csv": b"Id\n1\n"})
        with pytest.raises(Invalid, match=r"holds several files: a\.csv, b\.csv\. Say which one with member"):
            read(packed)
        assert read(packed, member="b.csv").rows == [["1"]]
        with pytest.raises(Invalid, match=r"has no file 'c\.csv'; it has a\.csv, b\.csv"):
            read(packed, member="c.csv")


def _zipped(files):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


class TestWorkbooks:
    SHEET = (
        ["Leads of November"],
        [None],
        ["Id", "Created", "Seats", "Paid", "Rate"],
        [17, datetime(2026, 11, 20, 16, 5, tzinfo=UTC), 3.0, True, 0.25],
        ["k2", datetime(2026, 11, 21, tzinfo=UTC), None, False, None],
    )

    @pytest.fixture
    def workbook(self, tmp_path):
        write_workbook(tmp_path / "leads.xlsx", {"Empty": [], "Leads": self.SHEET, "Other": [["x"], ["y"]]})
        return tmp_path / "leads.xlsx"

    def test_the_first_sheet_with_cells_is_read_as_text(self, workbook):
        with open_table(workbook) as table:
            rows = [(row.line, row.cells) for row in table.rows()]
            assert table.header == ("Id", "Created", "Seats", "Paid", "Rate")
            assert table.facts.titles == ("Leads of November",)
            assert table.facts.sheet == "Leads"
            assert table.facts.other_sheets == ("Empty", "Other")
        assert rows == [
            (4, ["17", "2026-11-20T16:05:00", "3", "true", "0.25"]),
            (5, ["k2", "2026-11-21", "", "false", ""]),
        ]

    def test_a_sheet_can_be_named(self, workbook):
        with open_table(workbook, FileFormat(sheet="Other")) as table:
            assert [row.cells for row in table.rows()] == [["y"]]
        with (
            pytest.raises(Invalid, match="has no sheet 'More'; it has Empty, Leads, Other"),
            open_table(workbook, FileFormat(sheet="More")),
        ):
            pass

    def test_a_workbook_in_a_zip_archive_is_read(self, workbook, read):
        packed = _zipped({"leads.xlsx": workbook.read_bytes()})
        assert read(packed, name="leads.zip").rows[1][0] == "k2"


class TestPipes:
    @pytest.mark.parametrize(
        "content",
        [TEXT.encode(), gzip.compress(TEXT.encode()), _zipped({"a": TEXT.encode()})],
        ids=["plain", "gzip", "zip"],
    )
    def test_a_pipe_is_read_though_it_cannot_seek(self, tmp_path, content):
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        writer = threading.Thread(target=pipe.write_bytes, args=(content,))
        writer.start()
        with open_table(pipe) as table:
            assert [row.cells for row in table.rows()] == ROWS
        writer.join()

    def test_a_dash_is_standard_input(self, monkeypatch):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
        with open_table(STANDARD_INPUT) as table:
            assert [row.cells for row in table.rows()] == ROWS
            assert table.fraction is None


class TestWhatIsNoTable:
    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            (b"%PDF-1.7\n", "a PDF document"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an old Excel or Word file"),
            (b"\n<!DOCTYPE html><html>", "a web page"),
            (b"<html><table>", "a web page"),
            (b'[ {"leadId": "a"}]', "JSON"),
            (b"PAR1\x15", "a Parquet file"),
            (b"SQLite format 3\0", "a SQLite database"),
            (bytes(200) + b"abc", "binary data"),
            (bytes(range(256)), "binary data"),
            (b"\x89PNG\r\n", "a picture"),
        ],
    )
    def test_the_error_says_what_the_file_is(self, read, content, kind):
        with pytest.raises(Invalid, match=f"leads.csv cannot be read as a table: it is {kind}"):
            read(content)

    @pytest.mark.parametrize(
        ("name", "kind"), [("content.xml", "an OpenDocument file"), ("word/document.xml", "a Word")]
    )
    def test_documents_that_are_zip_archives_are_told_too(self, read, name, kind):
        with pytest.raises(Invalid, match=f"leads.csv cannot be read as a table: it is {kind}"):
            read(_zipped({"mimetype": b"x", name: b"<x/>"}))

    def test_an_archive_without_a_file_and_a_damaged_one_are_told(self, read):
        with pytest.raises(Invalid, match="is a zip archive with no file in it"):
            read(_zipped({"folder/": b""}))
        with pytest.raises(Invalid, match="is a damaged zip archive"):
            read(_zipped({"a.csv": TEXT.encode()})[:40])

    def test_an_empty_file_and_a_folder_are_told(self, read, tmp_path):
        with pytest.raises(Invalid, match="is empty: its first line must name the columns"):
            read("\n\n")
        with pytest.raises(Invalid, match="cannot be read: Is a directory"), open_table(tmp_path):
            pass

    def test_a_line_that_no_table_has_ends_the_reading(self, read):
        with pytest.raises(Invalid, match="Line 2 is longer than"):
            read("Id,Name\n" + "x," * 5_000_000)


def test_real_files_have_as_many_rows_as_a_person_counts():
    leads = Path(__file__).parents[4].parent / "shared/data/x_education_leads/Leads.csv"
    if not leads.exists():
        pytest.skip(f"the real lead data is not at {leads}")
    with open_table(leads) as table:
        assert sum(1 for _ in table.rows()) == 9_240
        assert table.short_rows == 0
