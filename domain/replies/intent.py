"""Intents of replies, and the reading of one: its intent with confidence and evidence."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

__all__ = ["INTENTS", "Intent", "Reading", "Span"]

Intent = Literal[
    "unsubscribe",
    "out_of_office",
    "bounce",
    "wrong_person",
    "interested",
    "meeting_request",
    "question",
    "objection",
    "not_now",
    "referral",
    "not_interested",
    "unknown",
]

INTENTS: tuple[Intent, ...] = (
    "unsubscribe",
    "out_of_office",
    "bounce",
    "wrong_person",
    "interested",
    "meeting_request",
    "question",
    "objection",
    "not_now",
    "referral",
    "not_interested",
    "unknown",
)


class Span(Struct, frozen=True):
    """A part of the text as it came in: characters from `start` up to, and without, `end`."""

    start: int
    end: int


class Reading(Struct, frozen=True, kw_only=True):
    """What a reply means. `confidence` is between 0 and 1; rules have 1.

    `evidence` is the sentence on which it stands; None where that is a header, or the whole text. `by` is `rules`,
    `classifier` or the name of a model. `returns` is the day that an answer of absence names.
    `channels` are those that an opt-out closes; empty for all of them. `suspected_opt_out` is the probability, between 0 and 1,
    that the reply is an opt-out beside its intent, where the classifier suspects one; the evidence is then that of the
    suspicion, since it is what a person has to judge.
    """

    intent: Intent
    confidence: float
    by: str
    evidence: Span | None = None
    returns: date | None = None
    channels: tuple[str, ...] = ()
    suspected_opt_out: float | None = None

    @property
    def refuses(self) -> bool:
        """Whether it is an opt-out, or may be one, so that nothing is sent that nobody has judged."""
        return self.intent == "unsubscribe" or self.suspected_opt_out is not None
