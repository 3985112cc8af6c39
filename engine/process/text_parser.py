"""The parser of documents that come over HTTP: in a thread, one at a time, because YAML takes up to some seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

from domain.errors import Unavailable

__all__ = ["MAX_TEXT", "TextParser"]

MAX_TEXT = 64_000
"""Characters of a document; the largest rulebook that ships has 9,000."""
_MAX_WAITING = 5

T = TypeVar("T")


class TextParser(Generic[T]):
    """Parses texts of one kind, of which `what` is the plural."""

    def __init__(self, parse: Callable[[str], T], what: str) -> None:
        self._parse = parse
        self._what = what
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def parse(self, text: str) -> T:
        """What is in the text. Raises `Invalid` with a place per fault, `Unavailable` if too many wait."""
        if self._waiting >= _MAX_WAITING:
            raise Unavailable(f"Too many {self._what} are being checked at this moment.", retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(self._parse, text)
        finally:
            self._waiting -= 1
