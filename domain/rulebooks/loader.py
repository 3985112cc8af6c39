"""The parser and the writer of rulebook files: from YAML text to the rulebook document and back."""

from __future__ import annotations

import re

import yaml

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rule_language.yaml_reader import parse_section
from domain.rulebooks.rulebook import Rulebook

__all__ = ["parse_rulebook", "rulebook_yaml"]


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


class _Dumper(yaml.SafeDumper):
    """Quotes what `_Loader`, or a reader of YAML 1.1, would not take for the text that it is."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and form that PyYAML wants
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, ()),
            *_Loader.yaml_implicit_resolvers.get(first, ()),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *_Loader.yaml_implicit_resolvers}
    }


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Line breaks other than the usual one are escaped: PyYAML writes them as they are and reads them as spaces."""
    style = '"' if _OTHER_BREAKS.search(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
_Dumper.add_representer(str, _text)


def rulebook_yaml(rulebook: Rulebook) -> str:
    """The rulebook as YAML that `parse_rulebook` reads back as the same rules. Comments are not part of it."""
    content = rulebook.model_dump(mode="json", by_alias=True, exclude_none=True)
    return yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
