"""The offline assistant: templates and rules, deterministic and without a network."""

from __future__ import annotations

from domain.drafts.compose import compose
from domain.drafts.request import DraftRequest, DraftText
from engine.assistant.assistant import Answer, Origin

__all__ = ["OfflineAssistant"]

_NO_INSTRUCTIONS = "instructions are followed by a model only; this is the template"


class OfflineAssistant:
    """The default, and the stand-in for a model that does not answer."""

    async def draft(self, request: DraftRequest) -> Answer[DraftText]:
        """The template, filled in."""
        notes = (_NO_INSTRUCTIONS,) if request.instructions else ()
        return Answer(compose(request), Origin(by="template", notes=notes))

    async def close(self) -> None:
        """Nothing is open."""
