"""`lead-engine rulebook`: check, explain and describe rulebooks. Needs no database."""

from __future__ import annotations

import json

from rich.console import Console

from domain.privacy.personal_fields import USUAL_FIELDS, PersonalFields
from engine.rulebooks.library import load_rulebook
from scripts.explain.rulebook import explain_rulebook
from scripts.rulebook_schema import rulebook_schema

__all__ = ["check", "explain", "schema"]


def check(file: str, personal_fields: PersonalFields = USUAL_FIELDS) -> None:
    """Say that the rulebook is valid, in one line. Raises `Invalid` with every fault."""
    rulebook = load_rulebook(file, personal_fields)
    rules, automations = len(rulebook.score.rules), len(rulebook.automations)
    print(
        f"{rulebook.name} version {rulebook.version} is valid: "
        f"{rules} rule{'' if rules == 1 else 's'}, {automations} automation{'' if automations == 1 else 's'}."
    )


def explain(name_or_file: str) -> None:
    """Print the rulebook in words. Raises `Invalid`."""
    explain_rulebook(Console(highlight=False, markup=False, emoji=False), load_rulebook(name_or_file))


def schema() -> None:
    """Print the JSON Schema."""
    print(json.dumps(rulebook_schema(), indent=2))
