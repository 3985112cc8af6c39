"""The parser of sequence files: from YAML text to the definition."""

from __future__ import annotations

from domain.rule_language.core_schema import CoreSchemaLoader
from domain.rule_language.yaml_reader import parse_section
from domain.sequences.definition import SequenceDefinition

__all__ = ["parse_sequence"]


def parse_sequence(text: str, name: str = "sequence") -> SequenceDefinition:
    """The sequence in `text`. Raises `Invalid` whose faults each name a line of `name` and a field."""
    return parse_section(SequenceDefinition, text, name, loader=CoreSchemaLoader, what="a sequence")
