"""Which leads are not all that was sent about them: held up at an event, or freed of one that a person discarded.

They are few, so all of them are in memory, and a read need not ask for each lead whether it is one of them. They are
read anew every five seconds.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from msgspec import Struct

from engine.capture.discards import Discards
from engine.operations.dead_letters import DeadLetter, DeadLetters
from engine.process.periodic import every

__all__ = ["Incomplete", "IncompleteLeads"]

_REFRESH_SECONDS = 5.0
_MAX = 10_000
"""Leads of each kind that are told of; with more of them something is wrong that concerns no single lead."""


class Incomplete(Struct, frozen=True):
    """What does not count of a lead: everything from the event on at which it is held up, and discarded events."""

    held_up: DeadLetter | None
    discarded: int


class IncompleteLeads:
    """Knows the leads that are incomplete, as of the last look."""

    def __init__(self, letters: DeadLetters, discards: Discards) -> None:
        self._letters = letters
        self._discards = discards
        self._known: dict[str, Incomplete] = {}

    def of(self, lead_id: str) -> Incomplete | None:
        """What does not count of this lead, None if everything does."""
        return self._known.get(lead_id)

    async def refresh(self) -> None:
        """Look again."""
        numbers = await self._discards.numbers(_MAX)
        known = {lead_id: Incomplete(None, number) for lead_id, number in numbers.items()}
        for letter in await self._letters.page(None, None, _MAX):
            known[letter.lead_id] = Incomplete(letter, numbers.get(letter.lead_id, 0))
        self._known = known

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Look now, and every five seconds while the context is open."""
        await self.refresh()
        async with every(self.refresh, _REFRESH_SECONDS, "Cannot look which leads are incomplete"):
            yield
