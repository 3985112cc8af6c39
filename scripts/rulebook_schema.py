"""The JSON Schema of a rulebook, for editors: pydantic's, made to allow the short forms that people write."""

from __future__ import annotations

import re
from typing import Any

from domain.rulebooks.rulebook import Rulebook

__all__ = ["rulebook_schema"]

Schema = dict[str, Any]

_KEYWORDS = {"gt": "exclusiveMinimum", "ge": "minimum", "lt": "exclusiveMaximum", "le": "maximum"}
"""What pydantic leaves in its own words where a limit stands behind another check."""

_SHORT_FORMS: dict[str, list[Schema]] = {
    "#/$defs/Matcher": [{"type": "boolean"}, {"type": "number"}, {"type": "string"}],
    "#/$defs/Repeat": [{"enum": ["once", "always"]}],
}
"""What may stand instead of a section: a plain value is short for "equals this value"."""


def rulebook_schema() -> Schema:
    """The schema. What only the whole shows, such as a stage that is not defined, `rulebook check` tells."""
    schema = _mended(Rulebook.model_json_schema(by_alias=True))
    assert isinstance(schema, dict)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _mended(node: Any) -> Any:
    if isinstance(node, list):
        return [_mended(item) for item in node]
    if not isinstance(node, dict):
        return node
    if (short := _SHORT_FORMS.get(str(node.get("$ref")))) is not None:
        return {"anyOf": [node, *short]}
    mended: Schema = {
        _KEYWORDS.get(str(key), str(key)): _mended(value)
        for key, value in node.items()
        if key != "properties"
    }
    if "properties" in node:
        mended["properties"] = {name: _property(name, part) for name, part in node["properties"].items()}
    if mended.get("type") == "array" and "minLength" in mended:
        return _one_or_many(mended)
    return mended


def _property(name: str, part: Schema) -> Schema:
    title = re.sub(r"(?<!^)(?=[A-Z])", " ", name).lower().capitalize()
    return {**_mended(part), "title": title}


def _one_or_many(names: Schema) -> Schema:
    """One name may be written without a list around it."""
    told: Schema = {key: names[key] for key in ("title", "description", "default") if key in names}
    many = {"type": "array", "items": names["items"], "minItems": names["minLength"]}
    return {**told, "anyOf": [{"type": "string"}, many]}
