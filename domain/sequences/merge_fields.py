"""Merge fields of texts: `{{firstName|there}}` is the attribute of the lead, or else the text behind the bar."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import AfterValidator

from domain.events.event import Json

__all__ = ["Template", "fields_of", "fill_in"]

_FIELD = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_.-]{0,63})\s*(?:\|([^{}|]*))?\}\}")
_BRACES = re.compile(r"\{\{|\}\}")
_MAX_VALUE = 200
"""Characters of a value. A longer one is no name of anything, and its fallback is taken."""


def _has_fallbacks(text: str) -> str:
    for found in _FIELD.finditer(text):
        if found[2] is None:
            raise ValueError(
                f"the field {{{{{found[1]}}}}} needs a text for leads without it: {{{{{found[1]}|...}}}}"
            )
    if _BRACES.search(_FIELD.sub("", text)):
        raise ValueError("has double braces that are no field; write {{name|text for leads without it}}")
    return text


Template = Annotated[str, AfterValidator(_has_fallbacks)]
"""A text whose merge fields all have a fallback."""


def fields_of(text: str) -> Iterator[str]:
    """The names of the fields in a text."""
    return (found[1] for found in _FIELD.finditer(text))


def fill_in(text: str, attributes: Mapping[str, Json]) -> str:
    """The text with the attributes of a lead in it. A value is never read as a field itself, and keeps to one line."""

    def value(found: re.Match[str]) -> str:
        return _as_text(attributes.get(found[1])) or (found[2] or "").strip()

    return _FIELD.sub(value, text)


def _as_text(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    text = " ".join(str(value).split())
    return text if len(text) <= _MAX_VALUE else ""
