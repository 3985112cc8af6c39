"""Training of the classifier: stochastic gradient descent in a fixed order, so the same lines give the same weights."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from msgspec import Struct

from domain.errors import Invalid
from domain.replies.classifier import DECIDED_FIRST, LEARNED, Weights, features, softmax
from domain.replies.intent import Intent

__all__ = ["Labelled", "train"]

_EPOCHS = 60
_RATE, _DECAY = 1.5, 0.02
_PENALTY = 2e-4
"""L2, per step."""
_RARE = 2
"""Replies in which a feature must occur to be kept."""
_STEP = 7919
"""A prime: the order of the lines is mixed by steps of this size, not by chance."""
_THRESHOLD = 0.3


class Labelled(Struct, frozen=True, forbid_unknown_fields=True):
    """A reply with the intent that a person has read in it."""

    intent: Intent
    text: str
    language: str = ""


def train(labelled: Sequence[Labelled], body_of: Sequence[str]) -> Weights:
    """Weights from labelled replies; `body_of` has what the author wrote of each. Bounces are left out, which rules decide.

    Raises `Invalid` if one of the intents that only the classifier tells apart has no line.
    """
    given = {one.intent for one in labelled}
    intents = (*LEARNED, *(intent for intent in DECIDED_FIRST if intent in given))
    rows = [
        (intents.index(one.intent), features(body))
        for one, body in zip(labelled, body_of, strict=True)
        if one.intent in intents
    ]
    if missing := set(LEARNED) - given:
        raise Invalid(
            f"No line has the intent {', '.join(sorted(missing))}; all of {', '.join(LEARNED)} are needed."
        )
    counts = Counter(name for _, found in rows for name in found)
    kept = {name for name, count in counts.items() if count >= _RARE}
    weights = {name: [0.0] * len(intents) for name in sorted(kept)}
    bias = [0.0] * len(intents)
    examples = [
        (intent, [(weights[name], value) for name, value in found.items() if name in kept])
        for intent, found in rows
    ]
    _descend(
        examples, bias, [1 / (1 + sum(1 for other, _ in rows if other == n)) for n in range(len(intents))]
    )
    return Weights(
        intents=intents,
        bias=tuple(round(one, 3) for one in bias),
        features={name: tuple(round(one, 3) for one in of) for name, of in weights.items()},
        threshold=_THRESHOLD,
        trained_on=len(rows),
    )


def _descend(
    examples: Sequence[tuple[int, Sequence[tuple[list[float], float]]]],
    bias: list[float],
    share: Sequence[float],
) -> None:
    """Change the weights in place; each intent pulls equally, however many lines it has."""
    size = len(examples)
    mean = sum(share[intent] for intent, _ in examples) / size
    for epoch in range(_EPOCHS):
        rate = _RATE / (1 + _DECAY * epoch)
        for number in range(size):
            intent, found = examples[(number * _STEP + epoch) % size]
            scores = list(bias)
            for of, value in found:
                for index, weight in enumerate(of):
                    scores[index] += weight * value
            pull = rate * share[intent] / mean
            errors = [
                pull * (probability - (index == intent)) for index, probability in enumerate(softmax(scores))
            ]
            for index, error in enumerate(errors):
                bias[index] -= 0.1 * error
            shrink = math.exp(-rate * _PENALTY)
            for of, value in found:
                for index, error in enumerate(errors):
                    of[index] = of[index] * shrink - error * value
