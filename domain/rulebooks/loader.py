"""The parser and the writer of rulebook files: from YAML text to the rulebook document and back."""

from __future__ import annotations

import re

import yaml

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rule_language.core_schema import CoreSchemaLoader
from domain.rule_language.yaml_reader import parse_section
from domain.rulebooks.rulebook import Rulebook

__all__ = ["parse_rulebook", "rulebook_yaml"]


def parse_rulebook(
    text: str, name: str = "rulebook", *, personal_fields: PersonalFields = USUAL_FIELDS
) -> Rulebook:
    """The rulebook in `text`. Raises `Invalid` whose faults each name a line of `name` and a field.

    Of personal fields its rules may only ask whether they are there.
    """
    context = {"personal_fields": personal_fields}
    return parse_section(Rulebook, text, name, loader=CoreSchemaLoader, what="a rulebook", context=context)


class _Dumper(yaml.SafeDumper):
    """Quotes what `CoreSchemaLoader`, or a reader of YAML 1.1, would not take for the text that it is."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - the name and form that PyYAML wants
        first: [
            *yaml.SafeDumper.yaml_implicit_resolvers.get(first, ()),
            *CoreSchemaLoader.yaml_implicit_resolvers.get(first, ()),
        ]
        for first in {*yaml.SafeDumper.yaml_implicit_resolvers, *CoreSchemaLoader.yaml_implicit_resolvers}
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
