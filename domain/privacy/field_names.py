"""Recognition of personal fields by their names: in any usual writing, with the words that people put around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import combining, normalize

from domain.privacy.name_words import (
    ARTICLES,
    AUXILIARIES,
    HEADS,
    OF_PEOPLE,
    OTHER_FIELDS,
    PEOPLE,
    QUALIFIERS,
    SHORT_HEADS,
)

__all__ = ["is_personal_name", "words_of"]

_MAX_NAME = 200
"""Characters. Forms have whole questions for names."""
_MAX_HEAD_WORDS = 5
_MIN_JOINED = 3
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+")
_JOINED = frozenset(
    f"{word}{head}"
    for word in QUALIFIERS
    if len(word) >= _MIN_JOINED
    for head in HEADS | {"mail", "mobile", "mobil", "name"}
    if head != "name" or word in PEOPLE
)
"""Heads right behind a qualifier: `mailingstreet`, `workemail`."""


def is_personal_name(name: str) -> bool:
    """Whether a field of this name usually says who a person is, how to reach them, or what they wrote."""
    if len(name) > _MAX_NAME:
        return False
    words = words_of(name)
    if not words or words[0] in AUXILIARIES:
        return False
    if not OF_PEOPLE.isdisjoint(words) and all(
        word in PEOPLE or word in ARTICLES or word in OF_PEOPLE for word in words
    ):
        return True
    return any(
        _is_head(words[start:end], words[:start])
        for end in _ends(words)
        for start in range(max(0, end - _MAX_HEAD_WORDS), end)
    )


def words_of(name: str) -> list[str]:
    """The words of a name in lower case, without accents and numbers; `E-Mail 2` and `eMail` are the word `email`."""
    plain = "".join(letter for letter in normalize("NFKD", name) if not combining(letter))
    joined: list[str] = []
    for word in _WORD.findall(_HUMP.sub(" ", plain).casefold()):
        if joined and joined[-1] == "e" and word.startswith("mail"):
            joined[-1] += word
        else:
            joined.append(word)
    return joined


def _ends(words: Sequence[str]) -> Sequence[int]:
    """Where a head may end: at the last word, or before qualifiers."""
    ends = [len(words)]
    while ends[-1] > 1 and words[ends[-1] - 1] in QUALIFIERS:
        ends.append(ends[-1] - 1)
    return ends


def _is_head(head: Sequence[str], before: Sequence[str]) -> bool:
    text = "".join(head)
    singular = text.removesuffix("s")
    if text in HEADS or singular in HEADS or (len(head) == 1 and text in _JOINED):
        return OTHER_FIELDS.isdisjoint(before)
    return text in SHORT_HEADS and QUALIFIERS.issuperset(before)
