"""A linear classifier of intents: multinomial logistic regression over n-grams of words and of letters."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from itertools import pairwise

import msgspec
from msgspec import Struct

from domain.replies.intent import Intent
from domain.replies.sentences import plain

__all__ = ["DECIDED_FIRST", "LEARNED", "Weights", "built_in_weights", "features", "probabilities"]

LEARNED: tuple[Intent, ...] = (
    "interested",
    "meeting_request",
    "question",
    "objection",
    "not_now",
    "referral",
    "not_interested",
)
"""The intents that only the classifier tells apart."""

DECIDED_FIRST: tuple[Intent, ...] = ("unsubscribe", "out_of_office", "wrong_person")
"""The intents that rules decide first, and that the classifier knows too if it was trained on some: for what rules overlook."""

_WORD = re.compile(r"[\w@]+|\?")
_LETTERS = 4
_MAX_WORDS = 400


class Weights(Struct, frozen=True):
    """A trained classifier: per feature one weight per intent, in the order of `intents`."""

    intents: tuple[Intent, ...]
    bias: tuple[float, ...]
    features: dict[str, tuple[float, ...]]
    threshold: float
    """The probability below which a reply is `unknown`."""
    trained_on: int
    """The number of labelled replies."""

    def __post_init__(self) -> None:
        """Raise `ValueError` unless there is one number per intent everywhere."""
        if not self.intents or any(
            len(one) != len(self.intents) for one in (self.bias, *self.features.values())
        ):
            raise ValueError("there must be one weight per intent")


@cache
def built_in_weights() -> Weights:
    """The weights that come with the engine."""
    return msgspec.json.decode(files("domain.replies").joinpath("weights.json").read_bytes(), type=Weights)


def features(text: str) -> dict[str, float]:
    """The features of a text and their values, whose squares sum to 1.

    Words, pairs of words, and the first four letters of each word, which related words of a language share. Numbers
    and addresses count as such.
    """
    words = [_kind(word) for word in _WORD.findall(plain(text))[:_MAX_WORDS]]
    found = Counter(words)
    found.update(f"{one} {two}" for one, two in pairwise(words))
    found.update(f"{word[:_LETTERS]}*" for word in words if len(word) > _LETTERS)
    scaled = {name: 1 + math.log(count) for name, count in found.items()}
    norm = math.sqrt(sum(value * value for value in scaled.values())) or 1.0
    return {name: value / norm for name, value in scaled.items()}


def probabilities(weights: Weights, found: Mapping[str, float]) -> list[float]:
    """The probability of each intent of the weights (softmax of the linear scores)."""
    scores = list(weights.bias)
    for name, value in found.items():
        for index, weight in enumerate(weights.features.get(name, ())):
            scores[index] += weight * value
    return softmax(scores)


def softmax(scores: list[float]) -> list[float]:
    """Numbers that sum to 1, in the ratios of the exponentials of the scores."""
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    total = sum(powers)
    return [power / total for power in powers]


def _kind(word: str) -> str:
    if "@" in word:
        return "<address>"
    return "<number>" if word[0].isdigit() else word
