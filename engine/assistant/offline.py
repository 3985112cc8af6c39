"""The offline assistant: templates, rules and a linear classifier, deterministic and without a network."""

from __future__ import annotations

from domain.drafts.compose import compose
from domain.drafts.request import DraftRequest, DraftText
from domain.replies.classifier import Weights
from domain.replies.classify import Reply, classify
from domain.replies.intent import Reading
from engine.assistant.assistant import Answer, Origin

__all__ = ["OfflineAssistant"]

_NO_INSTRUCTIONS = "instructions are followed by a model only; this is the template"


class OfflineAssistant:
    """The default, and the stand-in for a model that does not answer. `weights`: None for those of the engine."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights

    async def draft(self, request: DraftRequest) -> Answer[DraftText]:
        """The template, filled in."""
        notes = (_NO_INSTRUCTIONS,) if request.instructions else ()
        return Answer(compose(request), Origin(by="template", notes=notes))

    async def classify(self, reply: Reply) -> Answer[Reading]:
        """What rules and the classifier say."""
        reading = classify(reply, self._weights)
        return Answer(reading, Origin(by=reading.by))

    async def close(self) -> None:
        """Nothing is open."""
