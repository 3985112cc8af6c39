"""`lead-engine import inspect`: what it prints and writes."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.cli.capture.imports import import_
from scripts.imports.importing import rejects_beside
from tests.workflows.imports.inspection.exports import EXPORTS
from workflows.imports.mapping.mapping_file import parse_mapping


@pytest.fixture
def invoke(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def invoke(*args, **rest):
        return CliRunner().invoke(import_, [str(arg) for arg in args], **rest)

    return invoke


@pytest.fixture
def export(tmp_path):
    file = tmp_path / "export.csv"
    file.write_text(EXPORTS["hubspot"][1])
    return file


def test_it_shows_what_was_found_and_writes_a_mapping_beside_the_file(invoke, export):
    result = invoke("inspect", export)
    assert result.exit_code == 0
    for said in (
        'CSV, UTF-8, delimiter comma, quote ".',
        "Taken for: HubSpot, contacts.",
        "Columns in 3 rows",
        "Phone Number",
        "67%",
        "yes or no",
        "WARNING: these columns look personal.",
        "First Name, Last Name, Email, Phone Number",
        "3 rows make 9 events",
        "--dry-run",
    ):
        assert said in result.output
    assert parse_mapping(export.with_name("export.yaml").read_text(), "export.yaml").source == "hubspot"


def test_a_mapping_that_is_there_is_not_overwritten_unless_it_is_said(invoke, export):
    mapping = export.with_name("export.yaml")
    mapping.write_text("mine")
    result = invoke("inspect", export)
    assert result.exit_code == 1
    assert "exists already" in result.output
    assert mapping.read_text() == "mine"
    assert invoke("inspect", export, "--force").exit_code == 0
    assert invoke("inspect", export, "--map", export.with_name("other.yaml")).exit_code == 0


def test_the_mapping_imports_the_file_without_editing(invoke, export):
    invoke("inspect", export)
    for command in ((), ("file",)):
        result = invoke(*command, export, "--map", export.with_name("export.yaml"), "--dry-run")
        assert result.exit_code == 0, result.output
        assert "This was a dry run" in result.output


def test_standard_input_is_inspected_and_imported(invoke, export, monkeypatch):
    for arguments in (("inspect", "-"), ("-", "--map", "mapping.yaml", "--dry-run")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(export.read_bytes())))
        result = invoke(*arguments, input=export.read_bytes())
        assert result.exit_code == 0, result.output
    assert Path("mapping.yaml").exists()


def test_a_file_that_is_no_table_is_one_message(invoke, tmp_path):
    (tmp_path / "x.csv").write_bytes(b"%PDF-1.7")
    result = invoke("inspect", tmp_path / "x.csv")
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "it is a PDF document" in result.output


@pytest.mark.parametrize(
    ("file", "rejects"),
    [
        ("a/leads.csv", "a/leads.rejects.csv"),
        ("a/leads.csv.gz", "a/leads.rejects.csv"),
        ("a/leads.xlsx", "a/leads.rejects.csv"),
        ("-", "standard-input.rejects.csv"),
        ("/dev/null", "null.rejects.csv"),
    ],
)
def test_rejects_lie_beside_the_file_and_those_of_a_pipe_where_the_command_runs(file, rejects):
    assert rejects_beside(Path(file)) == Path(rejects)
