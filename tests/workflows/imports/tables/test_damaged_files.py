"""A CSV file damaged at random: every undamaged row is read as it was written, or listed among the rejects."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workflows.imports.tables.csv_reader import Reject
from workflows.imports.tables.table import open_table

HEADER = ("id", "created", "company", "remark")
TEXT = st.text(st.sampled_from(list("ab ,;\"'\\\n|\tü")), max_size=12)
DAMAGE = st.tuples(
    st.sampled_from(["insert", "delete", "replace", "cut line"]),
    st.integers(0, 10**6),
    st.sampled_from(
        [
            b'"',
            b'""',
            b",",
            b"\n",
            b"\r\n",
            b"\\",
            b"'",
            b"x",
            b',"',
            b'",',
            b"\x00",
            b"\xff",
            b"\xe9",
            b"\x81",
        ]
    ),
)


@st.composite
def written_files(draw):
    """The rows of a file, the bytes of each row, and those of the header."""
    texts = draw(st.lists(st.tuples(TEXT, TEXT), min_size=8, max_size=25))
    rows = [[f"k{number}", f"2026-11-{number:02}", *pair] for number, pair in enumerate(texts, 1)]
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    end = draw(st.sampled_from(["\n", "\r\n"]))

    def written(row):
        text = io.StringIO()
        csv.writer(text, quoting=quoting, lineterminator=end).writerow(row)
        return text.getvalue().encode()

    return rows, [written(row) for row in rows], written(HEADER)


def damaged(text, damage):
    how, where, what = damage
    at = where % max(1, len(text))
    if how == "insert":
        return text[:at] + what + text[at:]
    if how == "delete":
        return text[:at] + text[at + 1 :]
    if how == "replace":
        return text[:at] + what + text[at + 1 :]
    return text[:at] + b"\n"


def read(tmp_path, text):
    file = tmp_path / "leads.csv"
    file.write_bytes(text)
    with open_table(file, expected=frozenset(HEADER)) as table:
        assert table.header == HEADER
        return list(table.rows())


DAMAGES = st.lists(st.tuples(st.integers(0, 10**6), DAMAGE), max_size=3)
UNCHECKED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(deadline=None, max_examples=150, suppress_health_check=UNCHECKED)
@given(written_files(), DAMAGES)
def test_every_undamaged_row_is_read_or_listed(tmp_path, written, damages):
    check_damaged(tmp_path, written, damages)


@pytest.mark.long
@pytest.mark.timeout(3600)
@settings(deadline=None, max_examples=10_000, suppress_health_check=UNCHECKED)
@given(written_files(), DAMAGES)
def test_every_undamaged_row_of_very_many_files_is_read_or_listed(tmp_path, written, damages):
    check_damaged(tmp_path, written, damages)


def check_damaged(tmp_path, written, damages):
    """Damages some rows; every other row must be read as it was written, or be among the rejects."""
    rows, texts, header = written
    touched = set()
    for number, damage in damages:
        index = number % len(texts)
        texts[index] = damaged(texts[index], damage)
        # A row that lost its line end takes the next one with it.
        touched |= {index} if texts[index].endswith(b"\n") else {index, index + 1}
    found = read(tmp_path, header + b"".join(texts))
    taken = [row.cells for row in found if not isinstance(row, Reject)]
    listed = "\n".join("\n".join(row.row.cells) for row in found if isinstance(row, Reject))
    for index, row in enumerate(rows):
        if index not in touched:
            assert row in taken or row[0] in listed, (row, texts, found)


@settings(deadline=None, max_examples=60, suppress_health_check=UNCHECKED)
@given(written_files())
def test_what_a_csv_writer_has_written_is_read_to_the_letter(tmp_path, written):
    rows, texts, header = written
    found = read(tmp_path, header + b"".join(texts))
    assert [row.cells for row in found if not isinstance(row, Reject)] == rows
