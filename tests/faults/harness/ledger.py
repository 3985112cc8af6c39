"""The answers that senders were given, which the engine has to keep."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import Any

__all__ = ["Ledger"]


class Ledger:
    """Every event ever sent, and what was answered."""

    def __init__(self) -> None:
        self.sent: dict[str, dict[str, Any]] = {}
        self.acknowledged: dict[str, int] = {}
        self.streams: dict[str, str] = {}
        self.refusals: Counter[int | str] = Counter()
        self.broken: list[str] = []
        self._answered_at: list[float] = []

    def note(self, results: list[dict[str, Any]]) -> None:
        """Take down a 202."""
        self._answered_at.append(asyncio.get_running_loop().time())
        for result in results:
            name, position = result["eventId"], result["position"]
            if result["status"] == "conflict":
                self.broken.append(f"event {name} was sent the same each time and called a conflict")
            if self.acknowledged.setdefault(name, position) != position:
                self.broken.append(f"event {name} was acknowledged at two positions")
            if self.streams.setdefault(name, result["leadId"]) != result["leadId"]:
                self.broken.append(f"event {name} was acknowledged as one of two leads")

    @property
    def unanswered(self) -> set[str]:
        """Events of which nobody knows whether they are stored."""
        return self.sent.keys() - self.acknowledged.keys()

    def longest_pause(self, since: float = 0) -> float:
        """The longest time, in seconds, between two answers after a moment of the loop's clock."""
        times = [at for at in self._answered_at if at >= since]
        return max((later - earlier for earlier, later in itertools.pairwise(times)), default=0.0)
