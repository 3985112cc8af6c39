"""The protocol of assistants, and the record of how an answer of one came about."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from msgspec import Struct

from domain.drafts.request import DraftRequest, DraftText
from domain.replies.classify import Reply
from domain.replies.intent import Reading

__all__ = ["Answer", "Assistant", "Origin"]

T = TypeVar("T")


class Origin(Struct, frozen=True, kw_only=True, rename="camel", omit_defaults=True):
    """How an answer came about. `by`: `template`, `rules` or the name of a provider.

    `cost` is in millionths of the currency in which the prices of tokens are set. `notes` say, in words, what was asked
    for and could not be done.
    """

    by: str
    model: str = ""
    prompt_hash: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: int = 0
    notes: tuple[str, ...] = ()


class Answer(Struct, Generic[T], frozen=True):
    """What an assistant answers, and how it came about."""

    value: T
    origin: Origin


class Assistant(Protocol):
    """Writes drafts and reads replies. It always answers: what cannot be done is in the notes of the origin."""

    async def draft(self, request: DraftRequest) -> Answer[DraftText]:
        """A draft for the request."""
        ...

    async def classify(self, reply: Reply) -> Answer[Reading]:
        """What a reply means that rules have not decided."""
        ...

    async def close(self) -> None:
        """End its connections."""
        ...
