"""Patterns over the plain form of a sentence (lower case, no accents), made of alternatives."""

from __future__ import annotations

import re

__all__ = ["Language", "alone", "any_of"]

Language = tuple[re.Pattern[str], re.Pattern[str]]
"""What an opt-out matches, and what a sentence matches that is none all the same."""


_SHORT = 80
"""Characters of a sentence that says nothing but an end."""


def any_of(*patterns: str) -> re.Pattern[str]:
    """One of these."""
    return re.compile("|".join(f"(?:{one})" for one in patterns))


def alone(core: str, beside: str) -> str:
    """A sentence of nothing but such words, at least one of the core, with these beside it."""
    gap = r"[ ,.!?;:\u00a1\u00bf-]"
    short = rf"^(?=.{{1,{_SHORT}}}$)"  # the words can be read in many ways, which takes time with each further one
    return rf"{short}{gap}*(?:(?:{beside}){gap}+)*(?:{core})(?:{gap}+(?:{core}|{beside}))*{gap}*$"
