"""Any bytes as a table."""

from __future__ import annotations

import pytest

from workflows.imports.tables.csv_reader import Reject
from workflows.imports.tables.table import FileFormat, open_table


class Read:
    """The content of a file: the cells of its rows, the lines and reasons of its rejects, and the table itself."""

    def __init__(self, table):
        found = list(table.rows())
        self.table = table
        self.header = list(table.header)
        self.rows = [row.cells for row in found if not isinstance(row, Reject)]
        self.rejects = {row.row.line: row.reason for row in found if isinstance(row, Reject)}
        self.rejected_cells = [row.row.cells for row in found if isinstance(row, Reject)]
        self.facts = table.facts


@pytest.fixture
def read(tmp_path):
    """Read a text or bytes as a file of this name: `read("a,b\\n1,2\\n", delimiter=",")`."""

    def read(content, *, name="leads.csv", expected=(), **file_format):
        file = tmp_path / name
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        with open_table(file, FileFormat(**file_format), frozenset(expected)) as table:
            return Read(table)

    return read
