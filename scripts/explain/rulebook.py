"""A whole rulebook in words, from its name to its automations, printed to a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from domain.rulebooks.rulebook import Rulebook
from scripts.explain.layout import laid_out

__all__ = ["explain_rulebook"]


def explain_rulebook(console: Console, rulebook: Rulebook) -> None:
    """Print what the rulebook does, for those who work by it."""
    console.print(Text(f"{rulebook.name}, version {rulebook.version}", style="bold"))
    if rulebook.description:
        console.print(Text(rulebook.description))
    for title, blocks in rulebook.describe():
        if blocks:
            console.print()
            console.print(Text(title.upper(), style="bold"))
        for block in blocks:
            for part in laid_out(block):
                console.print(part)
