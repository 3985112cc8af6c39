"""Rows of CSV text: what is read, what is rejected, and that a row that breaks off costs only itself."""

from __future__ import annotations

import tracemalloc

import pytest

from workflows.imports.tables.csv_reader import MAX_CELL
from workflows.imports.tables.table import open_table

HEADER = "Id,Created,Company,Remark\n"
DAY = "2026-11-20"


def rows_of(*remarks):
    return "".join(f"k{number},{DAY},X,{remark}\n" for number, remark in enumerate(remarks, 1))


class TestQuotes:
    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ('"a, b"', "a, b"),
            ('"say ""hi"""', 'say "hi"'),
            ('""', ""),
            ('"a\nb\n\nc"', "a\nb\n\nc"),
            ('"a\r\nb"', "a\r\nb"),
            (' "a, b" ', "a, b"),
            ('5" pipe', '5" pipe'),
            ('"He said "hi" to me"', 'He said "hi" to me'),
            (r'"He said \"hi\", then left"', 'He said "hi", then left'),
            ('"a "quoted""', 'a "quoted"'),
            (r'"C:\leads\"', "C:\\leads\\"),
        ],
    )
    def test_quotes_are_read_as_they_were_meant(self, read, written, meant):
        found = read(HEADER + rows_of("ok", written, "ok"))
        assert found.rows[1] == ["k2", DAY, "X", meant]
        assert len(found.rows) == 3

    @pytest.mark.parametrize(
        "written", ['"call back', '"call "back', '"a,"b,c"', '"a" b "c', '"He said "hi", then left']
    )
    def test_quotes_that_can_mean_several_things_cost_their_own_line(self, read, written):
        found = read(HEADER + rows_of("ok", written, "ok", "ok"))
        assert [row[0] for row in found.rows] == ["k1", "k3", "k4"]
        assert list(found.rejects) == [3]
        assert ",".join(found.rejected_cells[0]).replace('"', "") == f"k2,{DAY},X,{written}".replace('"', "")

    def test_a_quote_that_never_closes_says_so(self, read):
        assert (
            "opens a quote in cell 4 that never closes"
            in read(HEADER + rows_of('"call back', "ok")).rejects[2]
        )

    def test_two_stray_quotes_do_not_swallow_the_rows_between_them(self, read):
        found = read(HEADER + rows_of("ok", '"call back', "ok", "ok", 'or write"', "ok"))
        assert [row[0] for row in found.rows] == ["k1", "k3", "k4", "k5", "k6"]
        assert "does not close before the next rows" in found.rejects[3]

    def test_a_text_with_commas_in_its_lines_is_one_cell(self, read):
        text = "Dear all,\nfirst, second, third\nbest,\nAda"
        found = read(HEADER + rows_of("ok", f'"{text}"', "ok"))
        assert found.rows[1] == ["k2", DAY, "X", text]

    def test_the_rows_after_a_cell_that_is_too_long_are_read(self, read):
        found = read(HEADER + rows_of("ok", f'"{"x" * (MAX_CELL + 1)}"', "ok"))
        assert [row[0] for row in found.rows] == ["k1", "k3"]
        assert found.rejects[3] == "has a cell of more than 131,072 characters"
        assert len(found.rejected_cells[0][3]) == MAX_CELL + 1

    def test_a_row_over_several_lines_is_told_by_its_first_one(self, read):
        found = read(HEADER + rows_of('"a\nb"', "ok") + "k9\n")
        assert list(found.rejects) == [5]


class TestLines:
    @pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
    def test_lines_may_end_in_any_way(self, read, end):
        found = read((HEADER + rows_of("a", "b")).replace("\n", end))
        assert found.rows == [["k1", DAY, "X", "a"], ["k2", DAY, "X", "b"]]

    def test_a_line_end_may_fall_between_two_chunks(self, read):
        filler = "x" * (64 * 1024 - len(HEADER) - len(f"k1,{DAY},X,") - 1)
        found = read((HEADER + rows_of(filler, "b")).replace("\n", "\r\n"))
        assert [row[0] for row in found.rows] == ["k1", "k2"]

    def test_cells_missing_or_empty_at_the_end_do_not_matter(self, read):
        found = read(HEADER + f"k1,{DAY}\nk2,{DAY},X\nk3,{DAY},X,ok,,\n")
        assert found.rows == [["k1", DAY, "", ""], ["k2", DAY, "X", ""], ["k3", DAY, "X", "ok"]]
        assert (found.table.short_rows, found.table.first_short_line) == (2, 2)

    def test_cells_missing_at_the_end_can_be_refused(self, read):
        found = read(HEADER + f"k1,{DAY}\n", ragged=False)
        assert found.rejects == {2: "has 2 cells, the header has 4"}

    def test_more_cells_than_the_header_has_are_never_dropped(self, read):
        assert read(HEADER + f"k1,{DAY},X,ok,more\n").rejects == {2: "has 5 cells, the header has 4"}

    def test_memory_does_not_grow_with_the_file(self, tmp_path):
        file = tmp_path / "leads.csv"
        peaks = []
        for count in (20_000, 80_000):
            file.write_text(HEADER + rows_of(*(['"two\nlines"', "plain", '"stray'] * (count // 3))))
            tracemalloc.start()
            with open_table(file) as table:
                assert sum(1 for _ in table.rows()) == count // 3 * 3
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        assert peaks[1] < peaks[0] * 1.2
