"""Opt-outs: sentences by which somebody asks not to be written to any more, in English, German, French and Spanish.

The patterns are wide on purpose: a message that is not sent costs less than one to somebody who said no.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.replies.opt_outs.english import ENGLISH
from domain.replies.opt_outs.french import FRENCH
from domain.replies.opt_outs.german import GERMAN
from domain.replies.opt_outs.misspelt import is_nearly_unsubscribe, without_gaps
from domain.replies.opt_outs.spanish import SPANISH
from domain.replies.sentences import Sentence

__all__ = ["find_opt_outs", "sounds_like_none"]

_LANGUAGES = (ENGLISH, GERMAN, FRENCH, SPANISH)


def find_opt_outs(found: Iterable[Sentence]) -> list[Sentence]:
    """The sentences that are opt-outs. Each language is tried, since people mix them."""
    return [one for one in found if _says_no(without_gaps(one.plain))]


def sounds_like_none(sentence: str) -> bool:
    """Whether the sentence has words of an opt-out and means something else, such as *do not hesitate to write*."""
    return any(exceptions.search(sentence) for _, exceptions in _LANGUAGES)


def _says_no(sentence: str) -> bool:
    if sounds_like_none(sentence):
        return False
    return any(refusals.search(sentence) for refusals, _ in _LANGUAGES) or is_nearly_unsubscribe(sentence)
