"""From the text of a mapping file to a mapping."""

from __future__ import annotations

import yaml

from domain.rule_language.yaml_reader import parse_section
from workflows.imports.mapping.mapping import Mapping

__all__ = ["parse_mapping"]


def parse_mapping(text: str, name: str) -> Mapping:
    """The mapping in `text`. Raises `Invalid` whose faults each name a line of `name` and a field.

    All that is written is taken as text first: `No`, `007` and `2024-01-01` mean what a cell with them means.
    """
    return parse_section(Mapping, text, name, loader=yaml.BaseLoader, what="a mapping")
