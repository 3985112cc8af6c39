"""The parser of rulebooks that come over HTTP: in a thread, one at a time, because YAML takes up to some seconds."""

from __future__ import annotations

import asyncio

from domain.errors import Unavailable
from domain.privacy.personal_fields import PersonalFields
from domain.rulebooks.loader import parse_rulebook
from domain.rulebooks.rulebook import Rulebook

__all__ = ["MAX_TEXT", "RulebookParser"]

MAX_TEXT = 64_000
"""Characters of a rulebook; the largest that ships has 9,000."""
_MAX_WAITING = 5


class RulebookParser:
    """Parses rulebooks whose rules may not read the values of personal fields."""

    def __init__(self, personal_fields: PersonalFields) -> None:
        self._fields = personal_fields
        self._turn = asyncio.Semaphore(1)
        self._waiting = 0

    async def parse(self, text: str) -> Rulebook:
        """The rulebook in the text. Raises `Invalid` with a place per fault, `Unavailable` if too many wait."""
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many rulebooks are being checked at this moment.", retry_after=5)
        self._waiting += 1
        try:
            async with self._turn:
                return await asyncio.to_thread(parse_rulebook, text, "rulebook", personal_fields=self._fields)
        finally:
            self._waiting -= 1
