"""Measurement of the classification on labelled replies: precision and recall per intent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from msgspec import Struct

from domain.replies.classifier import Weights
from domain.replies.classify import Reply, classify
from domain.replies.intent import INTENTS, Reading
from domain.replies.training import Labelled

__all__ = ["REFUSED", "Quality", "measure"]

REFUSED = "unsubscribe or suspected"
"""The name of the measure of all that ends messages: opt-outs, clear or suspected."""

_ANY_DAY = date(2026, 11, 30)
"""Only return dates depend on it, which are not measured here."""


class Quality(Struct, frozen=True):
    """How well an intent is recognised, or `REFUSED`. `precision` is None if it was never read, `recall` if it was never labelled."""

    intent: str
    labelled: int
    read: int
    right: int

    @property
    def precision(self) -> float | None:
        """The share of the replies read as this intent that have it."""
        return self.right / self.read if self.read else None

    @property
    def recall(self) -> float | None:
        """The share of the replies with this intent that are read as it."""
        return self.right / self.labelled if self.labelled else None


def measure(labelled: Sequence[Labelled], weights: Weights | None = None) -> list[Quality]:
    """The quality of what ends messages, then per intent, in the order of the intents, whether or not an opt-out is suspected beside it."""
    pairs = [(one.intent, classify(Reply(text=one.text, received=_ANY_DAY), weights)) for one in labelled]
    return list(_qualities(pairs))


def _qualities(pairs: Sequence[tuple[str, Reading]]) -> Iterable[Quality]:
    labelled = Counter(label for label, _ in pairs)
    read = Counter(found.intent for _, found in pairs)
    right = Counter(label for label, found in pairs if label == found.intent)
    refused = [label for label, found in pairs if found.refuses]
    yield Quality(REFUSED, labelled["unsubscribe"], len(refused), refused.count("unsubscribe"))
    for intent in INTENTS:
        if labelled[intent] or read[intent]:
            yield Quality(intent, labelled[intent], read[intent], right[intent])
