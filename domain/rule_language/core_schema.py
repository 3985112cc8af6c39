"""The loader of YAML that people write: plain words are what the core schema of YAML 1.2 takes them for."""

from __future__ import annotations

import re

import yaml

__all__ = ["CoreSchemaLoader"]


class CoreSchemaLoader(yaml.SafeLoader):
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
    CoreSchemaLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), list(_first)
    )
