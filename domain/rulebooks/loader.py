"""The parser of rulebook files: from YAML text to the rulebook document."""

from __future__ import annotations

import re

import yaml

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rule_language.yaml_reader import parse_section
from domain.rulebooks.rulebook import Rulebook

__all__ = ["parse_rulebook"]


class _Loader(yaml.SafeLoader):
    """YAML whose plain words mean what the core schema of YAML 1.2 says, but for numbers with a leading zero.

    `on`, `no`, `1_000`, `12:30` and dates stay the words they look like, and so does `01067`, which the core schema takes
    for 1067: a postal code is no number. https://yaml.org/spec/1.2.2/#103-core-schema
    """

    yaml_implicit_resolvers = {}  # noqa: RUF012 - the name and form that PyYAML wants


_WHOLE = r"0|[1-9][0-9]*"
for _kind, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("int", rf"[-+]?(?:{_WHOLE})|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "float",
        rf"[-+]?(?:\.[0-9]+|(?:{_WHOLE})(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        "-+0123456789.",
    ),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )


def parse_rulebook(
    text: str, name: str = "rulebook", *, personal_fields: PersonalFields = USUAL_FIELDS
) -> Rulebook:
    """The rulebook in `text`. Raises `Invalid` whose faults each name a line of `name` and a field.

    Of personal fields its rules may only ask whether they are there.
    """
    context = {"personal_fields": personal_fields}
    return parse_section(Rulebook, text, name, loader=_Loader, what="a rulebook", context=context)
