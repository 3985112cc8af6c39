"""The parser of rulebook files: from YAML text to the rulebook document."""

from __future__ import annotations

import re

import yaml

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from domain.rule_language.yaml_reader import parse_section
from domain.rulebooks.rulebook import Rulebook

__all__ = ["parse_rulebook"]


class _Loader(yaml.SafeLoader):
    """YAML in which only `true` and `false` are booleans; `on`, `no` and dates stay the words they look like."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), ["t", "f"])


def parse_rulebook(
    text: str, name: str = "rulebook", *, personal_fields: PersonalFields = USUAL_FIELDS
) -> Rulebook:
    """The rulebook in `text`. Raises `Invalid` whose faults each name a line of `name` and a field.

    Of personal fields its rules may only ask whether they are there.
    """
    context = {"personal_fields": personal_fields}
    return parse_section(Rulebook, text, name, loader=_Loader, what="a rulebook", context=context)
