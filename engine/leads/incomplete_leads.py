"""Leads whose score leaves out some of their events: blocked at a failing event, or with events that were discarded.

They are few, so all of them are kept in memory, refreshed every five seconds: a read needs no query of its own.
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
"""Leads of each kind that are kept; with more of them something is wrong that concerns no single lead."""


class Incomplete(Struct, frozen=True):
    """The events of a lead that do not count: from the one on at which it is blocked, and the discarded ones."""

    held_up: DeadLetter | None
    discarded: int


class IncompleteLeads:
    """A cache of the incomplete leads, as of the last refresh."""

    def __init__(self, letters: DeadLetters, discards: Discards) -> None:
        self._letters = letters
        self._discards = discards
        self._known: dict[str, Incomplete] = {}

    def of(self, lead_id: str) -> Incomplete | None:
        """The events of this lead that do not count, None if all do."""
        return self._known.get(lead_id)

    async def refresh(self) -> None:
        """Read all of them from the stores."""
        numbers = await self._discards.numbers(_MAX)
        known = {lead_id: Incomplete(None, number) for lead_id, number in numbers.items()}
        for letter in await self._letters.page(None, None, _MAX):
            known[letter.lead_id] = Incomplete(letter, numbers.get(letter.lead_id, 0))
        self._known = known

    @contextlib.asynccontextmanager
    async def kept_fresh(self) -> AsyncIterator[None]:
        """Refresh now, and every five seconds while the context is open."""
        await self.refresh()
        async with every(self.refresh, _REFRESH_SECONDS, "Cannot refresh which leads are incomplete"):
            yield
