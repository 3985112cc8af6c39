"""A whole rulebook or sequence in words, printed to a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from domain.rulebooks.rulebook import Rulebook
from domain.sequences.definition import SequenceDefinition
from scripts.explain.layout import laid_out

__all__ = ["explain_document"]


def explain_document(console: Console, document: Rulebook | SequenceDefinition) -> None:
    """Print what the document does, for those who work by it."""
    console.print(Text(f"{document.name}, version {document.version}", style="bold"))
    if document.description:
        console.print(Text(document.description))
    for title, blocks in document.describe():
        if blocks:
            console.print()
            console.print(Text(title.upper(), style="bold"))
        for block in blocks:
            for part in laid_out(block):
                console.print(part)
