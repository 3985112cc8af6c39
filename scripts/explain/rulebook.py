"""A whole rulebook in words, from its name to its automations."""

from __future__ import annotations

from rich.console import Console, RenderableType
from rich.text import Text

from domain.rulebooks.rulebook import Rulebook
from scripts.explain.decisions import automations_in_words, decisions_in_words
from scripts.explain.measures import contact_in_words, risk_in_words, stages_in_words, velocity_in_words
from scripts.explain.points import points_in_words

__all__ = ["explain_rulebook"]


def explain_rulebook(console: Console, rulebook: Rulebook) -> None:
    """Print what the rulebook does, for those who work by it."""
    console.print(Text(f"{rulebook.name}, version {rulebook.version}", style="bold"))
    if rulebook.description:
        console.print(Text(rulebook.description))
    _part(console, "Points", *points_in_words(rulebook.score))
    _part(console, "Stages", *stages_in_words(rulebook.stages))
    _part(console, "Velocity", velocity_in_words(rulebook.velocity))
    _part(console, "Risk", risk_in_words(rulebook.risk))
    _part(console, "Contact", *contact_in_words(rulebook.contact))
    _part(console, "Next action", *decisions_in_words(rulebook.next_action))
    _part(console, "Automations", *automations_in_words(rulebook.automations))
    _part(
        console, "Decay job", f"Writes a score down once it has moved by {rulebook.decay_min_delta:g} points."
    )


def _part(console: Console, title: str, *lines: RenderableType) -> None:
    if lines:
        console.print()
        console.print(Text(title.upper(), style="bold"))
    for line in lines:
        console.print(line)
