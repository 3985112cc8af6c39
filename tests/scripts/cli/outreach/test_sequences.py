"""`lead-engine sequences`, and that docs/sequences.md says what is true."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from domain.errors import Invalid
from domain.sequences.compiler import compile_sequence
from domain.sequences.definition import SequenceDefinition
from domain.sequences.loader import parse_sequence
from engine.sequences.built_in import built_in_sequences, load_sequence
from scripts.cli import cli
from scripts.cli.document_schema import sequence_schema

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "sequences.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)


def run(*words):
    return CliRunner().invoke(cli, ["sequences", *words], env={"COLUMNS": "100"})


@pytest.fixture
def welcome(tmp_path):
    """The file of the first example."""
    (text,) = blocks("yaml")
    file = tmp_path / "welcome.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_the_console_example_is_answered_as_the_document_says(welcome):
    said = blocks("console")[0]
    assert run("check", str(welcome)).output in said
    shown = run("calendar", str(welcome), "--from", "2026-12-24", "--zone", "Europe/Berlin")
    assert shown.output
    assert shown.output in said
    assert "Wait 3 days." in run("explain", str(welcome)).output


def test_the_wrong_example_is_answered_as_the_document_says():
    (wrong,), (answer,) = blocks("yaml wrong"), blocks("text")
    with pytest.raises(Invalid) as refusal:
        parse_sequence(wrong, "welcome.yaml")
    assert f"{refusal.value}\n" == answer


@pytest.mark.parametrize("part", blocks("yaml part"), ids=lambda part: part.split(":")[0])
def test_each_part_is_valid_in_a_sequence(part):
    written = yaml.safe_load(part)
    frame = (
        {"steps": [{"end": "here"}], **written}
        if written.keys() <= SequenceDefinition.model_fields.keys()
        else {"steps": [written]}
    )
    parse_sequence(yaml.safe_dump({"name": "a", "version": 1, **frame}, sort_keys=False))


def test_every_key_of_the_schema_is_in_the_document():
    schema = sequence_schema()
    matchers = {"MatcherSection", "WhereSection", "NumberTest"}  # of rulebooks, and explained there
    parts = [schema, *(part for name, part in schema["$defs"].items() if name not in matchers)]
    keys = {key for part in parts for key in part.get("properties", {})}
    assert {key for key in keys if not re.search(rf"\b{key}\b", DOCUMENT)} == set()


def test_the_schema_in_docs_is_current():
    stored = (ROOT / "docs" / "sequence.schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == sequence_schema(), "lead-engine sequences schema > docs/sequence.schema.json"
    assert json.loads(run("schema").output) == sequence_schema()


@pytest.mark.parametrize("name", built_in_sequences())
def test_each_sequence_that_ships_is_explained_and_ends(name):
    assert load_sequence(name).name == name
    assert compile_sequence(load_sequence(name)).nodes
    assert "STEPS" in run("explain", name).output
    assert "end: " in run("calendar", name, "--from", "2026-12-01").output.splitlines()[-1]
    assert name in DOCUMENT


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", "nothing-like-it"), "There is no sequence"),
        (("calendar", "nurture", "--zone", "Moon/Sea"), "is no time zone"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(words, said):
    result = run(*words)
    assert result.exit_code != 0
    assert said in result.output
