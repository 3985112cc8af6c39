"""Which leads a message already waits for, so that nobody rings for them again."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

__all__ = ["QueuedLeads"]

_MAX = 50_000
"""Leads that are kept in mind. Those of further messages are rung for again, which does no harm."""

_SECONDS = 1.0
"""Since the last look. A dead worker's messages come back later than that, and out of order."""


class QueuedLeads:
    """The leads of messages that this process has sent and no worker has taken.

    Workers take messages in the order in which they were sent, so all from the oldest one in the queue on still wait.
    Is the oldest one not ours, but another process's or come back from a dead worker, then nothing counts as waiting.
    Neither does it after a while without a look.
    """

    def __init__(self) -> None:
        self._looked_at = 0.0
        self._messages: deque[tuple[str, Sequence[str]]] = deque()
        self._leads: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._messages)

    def sent(self, message_id: str, lead_ids: Sequence[str]) -> None:
        """A message for leads of which none is waiting has been sent."""
        if len(self._leads) + len(lead_ids) <= _MAX:
            self._messages.append((message_id, lead_ids))
            self._leads.update(lead_ids)

    def oldest(self, message_id: str | None) -> AbstractSet[str]:
        """The leads that wait when this message, or none, is the oldest in the queue."""
        last_look, self._looked_at = self._looked_at, time.monotonic()
        if self._looked_at - last_look > _SECONDS:
            message_id = None
        while self._messages and self._messages[0][0] != message_id:
            self._leads.difference_update(self._messages.popleft()[1])
        return self._leads
