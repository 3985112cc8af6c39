"""The parser of files with routing rules, YAML or JSON, and their writer."""

from __future__ import annotations

import yaml

from domain.rule_language.core_schema import CoreSchemaLoader
from domain.rule_language.yaml_reader import parse_section
from domain.teams.routing_rules import RoutingRules

__all__ = ["parse_routing_rules", "routing_rules_yaml"]


def parse_routing_rules(text: str, name: str) -> RoutingRules:
    """The rules in `text`. Raises `Invalid` whose faults each name a line of `name` and a field."""
    return parse_section(RoutingRules, text, name, loader=CoreSchemaLoader, what="routing rules")


def routing_rules_yaml(rules: RoutingRules) -> str:
    """The rules as YAML that `parse_routing_rules` reads back as the same rules; defaults are left out."""
    content = rules.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
