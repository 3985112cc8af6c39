"""Sentences of a text with their places in it, and the plain form that rules and the classifier compare."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from domain.replies.intent import Span

__all__ = ["Sentence", "plain", "sentences"]

_APOSTROPHES = "\u2018\u2019\u00b4\u02bc`"
_END = re.compile(r"(?<=[!?…])\s+|(?<=[^\d.]\.)\s+|\n+")
"""A point after a number ends no sentence: `bis 15. Dezember`."""


class Sentence(NamedTuple):
    """A sentence in its plain form, and where it stands."""

    plain: str
    span: Span


def sentences(text: str, offset: int = 0) -> Iterator[Sentence]:
    """The sentences of a text; spans are counted from `offset` before it."""
    start = 0
    for end in [*(found.span() for found in _END.finditer(text)), (len(text), len(text))]:
        part = text[start : end[0]]
        if content := part.strip():
            begin = start + part.index(content[0])
            yield Sentence(plain(content), Span(offset + begin, offset + begin + len(content)))
        start = end[1]


def plain(text: str) -> str:
    """Lower case, without accents, with one kind of apostrophe and dash, and single spaces."""
    return " ".join("".join(map(_plain, text)).split())


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    if character in _APOSTROPHES:
        return "'"
    if unicodedata.category(character) == "Pd":
        return "-"
    if unicodedata.category(character) == "Cf":
        return ""
    folded = unicodedata.normalize("NFKD", character.casefold())
    return "".join(one for one in folded if not unicodedata.combining(one))
