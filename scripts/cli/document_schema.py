"""The JSON Schema of rulebooks and sequences, for editors: pydantic's, extended by the short forms that their files may use."""

from __future__ import annotations

import re
from typing import Any

from domain.rule_language.section import Section
from domain.rulebooks.rulebook import Rulebook
from domain.sequences.definition import SequenceDefinition

__all__ = ["rulebook_schema", "sequence_schema"]

Schema = dict[str, Any]

_KEYWORDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
"""JSON Schema keywords by the constraint names that pydantic emits behind a custom validator."""

_SHORT_FORMS: dict[str, list[Schema]] = {
    "#/$defs/MatcherSection": [{"type": "boolean"}, {"type": "number"}, {"type": "string"}],
    "#/$defs/FrequencyCapSection": [{"enum": ["once", "always"]}],
}
"""Plain values that may replace a section: a bare value means "equals this value"."""


def rulebook_schema() -> Schema:
    """The schema. Checks across sections, such as an undefined stage, are left to `rulebook check`."""
    return _schema_of(Rulebook)


def sequence_schema() -> Schema:
    """The schema. Checks across steps, such as two with one name, are left to `sequences check`."""
    return _schema_of(SequenceDefinition)


def _schema_of(kind: type[Section]) -> Schema:
    schema = _translated(kind.model_json_schema(by_alias=True))
    assert isinstance(schema, dict)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _translated(node: Any) -> Any:
    if isinstance(node, list):
        return [_translated(item) for item in node]
    if not isinstance(node, dict):
        return node
    if (short := _SHORT_FORMS.get(str(node.get("$ref")))) is not None:
        return {"anyOf": [node, *short]}
    translated: Schema = {
        _KEYWORDS.get(str(key), str(key)): _translated(value)
        for key, value in node.items()
        if key != "properties"
    }
    if "properties" in node:
        translated["properties"] = {name: _property(name, part) for name, part in node["properties"].items()}
    if translated.get("type") == "array" and "minLength" in translated:
        return _one_or_many(translated)
    return translated


def _property(name: str, part: Schema) -> Schema:
    title = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().capitalize()
    return {**_translated(part), "title": title}


def _one_or_many(names: Schema) -> Schema:
    """One name may be written without a list around it."""
    common: Schema = {key: names[key] for key in ("title", "description", "default") if key in names}
    many = {"type": "array", "items": names["items"], "minItems": names["minLength"]}
    return {**common, "anyOf": [names["items"], many]}
