"""docs/rulebook.md says what is true: its examples work, its mistakes are reported so, and no key is left out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from domain.errors import Invalid
from domain.rule_language.where import WhereSection
from domain.rulebooks.loader import parse_rulebook
from engine.rulebooks.built_in import built_in_names
from engine.rulebooks.library import load_rulebook
from scripts.cli.document_schema import rulebook_schema

ROOT = Path(__file__).parents[4]
DOCUMENT = (ROOT / "docs" / "rulebook.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
COMPLETE = [text for text in EXAMPLES if "name:" in text.splitlines()[0]]
SECTIONS = [text for text in EXAMPLES if text not in COMPLETE]
PARTS = re.findall(r"^```yaml part\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
STANDARD = yaml.safe_load(
    (ROOT / "domain" / "rulebooks" / "builtin" / "standard.yaml").read_text(encoding="utf-8")
)


def keys_of(schema):
    parts = [schema, *schema["$defs"].values()]
    return {key for part in parts for key in part.get("properties", {})}


def faults(value, schema, root, at=""):
    """Where the value is not as the schema says; of JSON Schema what a rulebook's uses."""
    known = {
        "$ref": lambda ref: faults(value, root["$defs"][ref.rsplit("/")[-1]], root, at),
        "anyOf": lambda ways: fits_any(value, ways, root, at),
        "oneOf": lambda ways: fits_any(value, ways, root, at),
        "const": lambda wanted: [] if value == wanted else [f"{at}: not {wanted}"],
        "enum": lambda wanted: [] if value in wanted else [f"{at}: not one of {wanted}"],
        "type": lambda name: [] if is_a(value, name) else [f"{at}: not a {name}"],
        "minimum": lambda low: [] if not is_a(value, "number") or value >= low else [f"{at}: below {low}"],
        "exclusiveMinimum": lambda low: [] if value > low else [f"{at}: not above {low}"],
        "pattern": lambda form: [] if re.search(form, value) else [f"{at}: not like {form}"],
        "minItems": lambda least: [] if len(value) >= least else [f"{at}: fewer than {least}"],
        "items": lambda item: [
            f for i, one in enumerate(value) for f in faults(one, item, root, f"{at}/{i}")
        ],
        "required": lambda names: [f"{at}: no {name}" for name in names if name not in value],
        "properties": lambda parts: [
            f
            for name in parts
            if name in value
            for f in faults(value[name], parts[name], root, f"{at}/{name}")
        ],
        "additionalProperties": lambda allowed: (
            [f"{at}/{name}: unknown" for name in value if name not in schema["properties"]]
            if not allowed
            else []
        ),
    }
    if "type" in schema and not is_a(value, schema["type"]):
        return [f"{at}: {value!r} is not a {schema['type']}"]
    return [fault for word in schema if word in known for fault in known[word](schema[word])]


def fits_any(value, ways, root, at):
    tried = [faults(value, way, root, at) for way in ways]
    return [] if [] in tried else [fault for one in tried for fault in one]


def is_a(value, name):
    kinds = {
        "string": str,
        "array": list,
        "object": dict,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
    }
    if name == "null":
        return value is None
    return isinstance(value, kinds[name]) and (name == "boolean" or not isinstance(value, bool))


def test_the_document_has_examples_of_both_kinds():
    assert len(COMPLETE) == 1
    assert {
        "score",
        "stages",
        "velocity",
        "risk",
        "contact",
        "outcome",
        "goals",
        "nextAction",
        "automations",
        "accounts",
    } == {key for text in SECTIONS for key in yaml.safe_load(text)}


@pytest.mark.parametrize("text", COMPLETE)
def test_each_complete_example_is_a_valid_rulebook(text):
    assert parse_rulebook(text).score.rules


@pytest.mark.parametrize("text", SECTIONS, ids=lambda text: text.split(":")[0])
def test_each_section_is_valid_inside_the_standard_rulebook(text):
    parse_rulebook(yaml.safe_dump({**STANDARD, **yaml.safe_load(text)}, sort_keys=False))


@pytest.mark.parametrize("text", PARTS)
def test_each_part_is_a_valid_test_on_properties(text):
    assert not WhereSection.model_validate(yaml.safe_load(text)["where"]).is_empty


def test_the_wrong_example_is_answered_as_the_document_says():
    wrong = re.search(r"^```yaml wrong\n(.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    answer = re.search(r"^```text\n(.*?)\n```", DOCUMENT, re.MULTILINE | re.DOTALL)
    with pytest.raises(Invalid) as refusal:
        parse_rulebook(wrong[1], "mine.yaml")
    assert str(refusal.value) == answer[1]


@pytest.mark.parametrize("key", sorted(keys_of(rulebook_schema())))
def test_every_key_of_the_schema_is_explained_in_the_document(key):
    assert f"`{key}`" in DOCUMENT or f"`{key}: " in DOCUMENT


def test_every_key_of_the_schema_is_used_in_an_example():
    used = " ".join(EXAMPLES) + " ".join(re.findall(r"`\{.*?\}\}?`", DOCUMENT))
    assert {key for key in keys_of(rulebook_schema()) if not re.search(rf"\b{key}\b", used)} == set()


def test_the_schema_in_docs_is_current():
    stored = (ROOT / "docs" / "rulebook.schema.json").read_text(encoding="utf-8")
    assert json.loads(stored) == rulebook_schema(), "lead-engine rulebook schema > docs/rulebook.schema.json"


@pytest.mark.parametrize("name", built_in_names())
def test_the_schema_allows_every_rulebook_that_ships_as_it_is_written(name):
    text = (ROOT / "domain" / "rulebooks" / "builtin" / f"{name}.yaml").read_text(encoding="utf-8")
    assert faults(yaml.safe_load(text), rulebook_schema(), rulebook_schema()) == []
    assert load_rulebook(name).name == name


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"name": "a b"}, "/name"),
        ({"version": 0}, "/version"),
        ({"unknown": 1}, "/unknown"),
        ({"velocity": {"model": "window", "hours": 0}}, "/velocity/hours"),
        ({"nextAction": [{"action": "monitor", "when": {"stage": []}}]}, "/nextAction/0/when/stage"),
        ({"stages": {"steps": [{"from": 3}]}}, "/stages/steps/0: no name"),
    ],
)
def test_the_schema_refuses_what_the_rulebook_refuses(wrong, place):
    schema = rulebook_schema()
    found = faults({**STANDARD, **wrong}, schema, schema)
    assert [fault for fault in found if fault.startswith(place)]
    with pytest.raises(Invalid):
        parse_rulebook(yaml.safe_dump({**STANDARD, **wrong}))


def test_every_key_of_the_schema_has_a_title_in_words():
    parts = [part for part in rulebook_schema()["$defs"].values() if "properties" in part]
    titles = {part["title"] for group in parts for part in group["properties"].values()}
    assert {"Half life days", "Idle decay", "Stage entered"} <= titles
