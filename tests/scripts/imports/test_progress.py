"""How far an import has come, for people who see a bar and for logs."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from scripts.imports import progress
from scripts.imports.progress import import_progress, progress_line
from workflows.imports.report import ImportReport


@pytest.mark.parametrize(
    ("fraction", "line"),
    [
        (0.25, "120,000 rows, 118,400 events, 25%, 3 minutes left"),
        (1.0, "120,000 rows, 118,400 events, 100%, a moment left"),
        (None, "120,000 rows, 118,400 events"),
    ],
)
def test_a_line_says_how_long_it_will_take_unless_the_end_is_not_known(fraction, line):
    report = ImportReport(rows=120_000, events=118_400, seconds=60, fraction=fraction)
    assert progress_line(report) == line


def test_where_nobody_sees_a_bar_a_line_is_printed_now_and_then(capsys, monkeypatch):
    monkeypatch.setattr(progress, "LINE_SECONDS", 0)
    with import_progress(Console(file=io.StringIO())) as show:
        show(ImportReport(rows=1, events=1, seconds=1, fraction=0.5))
    assert capsys.readouterr().err == "1 rows, 1 events, 50%, a second left\n"


def test_a_terminal_gets_a_bar(capsys):
    screen = io.StringIO()
    with import_progress(Console(file=screen, force_terminal=True, width=100)) as show:
        show(ImportReport(rows=1000, events=900, seconds=1, fraction=0.5))
    assert "1,000 rows, 900 events" in screen.getvalue()
    assert capsys.readouterr().err == ""
