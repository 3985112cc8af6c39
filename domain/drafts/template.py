"""Templates with merge fields: `{firstName|there}` is the lead's first name, or `there` if that is not known."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["merge_fields", "render"]

_FIELD = re.compile(r"\{(\w+)(?:\|([^{}]*))?\}")
_MAX_VALUE = 100
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


def render(template: str, values: Mapping[str, str]) -> str:
    """The text with every merge field filled in: by its value, else by its fallback, else by nothing.

    Values are data: braces in them are no merge fields, line breaks become spaces, and 100 characters are the most.
    Spaces that an empty field leaves before punctuation or at the end of a line are removed.
    """
    text = _FIELD.sub(lambda found: _value(values.get(found[1], "")) or found[2] or "", template)
    return "\n".join(re.sub(r" +(?=[,.!?]|$)", "", line) for line in text.split("\n")).strip()


def merge_fields(template: str) -> frozenset[str]:
    """The names of the fields in a template."""
    return frozenset(found[1] for found in _FIELD.finditer(template))


def _value(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()[:_MAX_VALUE]
