"""An assistant that leaves drafts to one and replies to another."""

from __future__ import annotations

from domain.drafts.request import DraftRequest, DraftText
from domain.replies.classify import Reply
from domain.replies.intent import Reading
from engine.assistant.assistant import Answer, Assistant

__all__ = ["DividedAssistant"]


class DividedAssistant:
    """`drafts` writes, `replies` reads."""

    def __init__(self, drafts: Assistant, replies: Assistant) -> None:
        self._drafts, self._replies = drafts, replies

    async def draft(self, request: DraftRequest) -> Answer[DraftText]:
        return await self._drafts.draft(request)

    async def classify(self, reply: Reply) -> Answer[Reading]:
        return await self._replies.classify(reply)

    async def close(self) -> None:
        await self._drafts.close()
        await self._replies.close()
