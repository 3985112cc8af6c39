"""Opt-outs that are misspelt: words that are nearly `unsubscribe`, and words spelt out letter by letter."""

from __future__ import annotations

import itertools
import re

__all__ = ["is_nearly_unsubscribe", "without_gaps"]

_WORDS = re.compile(r"[a-z]+")
_LETTERS = re.compile(r"\b(?:[a-z][ .-]){2,}[a-z]\b")
_WORD, _MOST = "unsubscribe", 2


def is_nearly_unsubscribe(sentence: str) -> bool:
    """Whether a word, or two words together, are `unsubscribe` but for two letters."""
    words = _WORDS.findall(sentence)
    pairs = [first + second for first, second in itertools.pairwise(words)]
    return any(_is_near(one) for one in (*words, *pairs))


def without_gaps(sentence: str) -> str:
    """The sentence with words put together that are spelt out: `s t o p`."""
    return _LETTERS.sub(lambda found: re.sub(r"[ .-]", "", found[0]), sentence)


def _is_near(word: str) -> bool:
    """By the number of letters to put in, to leave out or to change; `subscribe` is another word."""
    if not len(_WORD) - _MOST <= len(word.removesuffix("d").removesuffix("me")) <= len(_WORD) + _MOST:
        return False
    return not word.startswith("subscri") and _distance(word.removesuffix("d"), _WORD) <= _MOST


def _distance(first: str, second: str) -> int:
    row = list(range(len(second) + 1))
    for number, letter in enumerate(first, 1):
        before, row[0] = row[0], number
        for place, other in enumerate(second, 1):
            before, row[place] = (
                row[place],
                min(row[place] + 1, row[place - 1] + 1, before + (letter != other)),
            )
    return row[-1]
