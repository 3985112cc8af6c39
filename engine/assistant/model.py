"""The protocol of language models: one prompt, one answer in JSON, and what it cost in tokens."""

from __future__ import annotations

import hashlib
from typing import Any, Protocol

import msgspec
from msgspec import Struct

__all__ = ["Completion", "Model", "ModelFailed", "Prompt"]


class ModelFailed(Exception):
    """The model has not given an answer that can be used. `completion` is there if it has cost something."""

    def __init__(self, reason: str, completion: Completion | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.completion = completion


class Prompt(Struct, frozen=True):
    """`system` is ours; `data` is what it is about, as JSON, and no instruction. `schema` is that of the answer."""

    name: str
    system: str
    data: str
    schema: dict[str, Any]
    max_tokens: int

    @property
    def digest(self) -> str:
        """A hash of the whole prompt, which tells two of them apart and says nothing of either."""
        whole = msgspec.json.encode([self.name, self.system, self.data, self.schema])
        return hashlib.blake2b(whole, digest_size=16).hexdigest()


class Completion(Struct, frozen=True):
    """The answer as JSON, and the tokens that were read and written for it."""

    text: str
    input_tokens: int
    output_tokens: int


class Model(Protocol):
    """A language model behind an API."""

    provider: str
    model: str

    async def complete(self, prompt: Prompt) -> Completion:
        """The answer. Raises `ModelFailed` if there is none in time."""
        ...

    async def close(self) -> None:
        """End its connections."""
        ...
