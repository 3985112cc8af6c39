"""Foreign text for a terminal, which would obey control characters and turn text around for some others."""

from __future__ import annotations

__all__ = ["printable"]

_HARMLESS = "\t"


def printable(text: str) -> str:
    """One line of text, with a question mark for each character that is not visible, line breaks too."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() or letter in _HARMLESS else "?" for letter in text)
