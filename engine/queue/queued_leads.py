"""Leads that are already queued, so that they are not enqueued twice."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from collections.abc import Set as AbstractSet

__all__ = ["QueuedLeads"]

_MAX_LEADS = 50_000
"""Leads that are remembered. Those of further messages may be enqueued again, which does no harm."""

_TRUSTED_SECONDS = 1.0
"""How long a look at the queue is trusted. A dead worker's messages come back later than that, and out of order."""


class QueuedLeads:
    """The leads of messages that this process has sent and no worker has fetched.

    Workers fetch messages in the order in which they were sent, so all of ours from the oldest one in the queue on are
    still there. If the oldest one is not ours, but another process's or that of a dead worker, nothing counts as queued;
    neither does it when the last look at the queue was too long ago.
    """

    def __init__(self) -> None:
        self._pruned_at = 0.0
        self._messages: deque[tuple[str, Sequence[str]]] = deque()
        self._leads: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._messages)

    def added(self, message_id: str, lead_ids: Sequence[str]) -> None:
        """A message was sent for leads of which none was queued."""
        if len(self._leads) + len(lead_ids) <= _MAX_LEADS:
            self._messages.append((message_id, lead_ids))
            self._leads.update(lead_ids)

    def prune(self, oldest_message_id: str | None) -> AbstractSet[str]:
        """Forget the leads of messages before the oldest one in the queue; None means that the queue is empty.

        Returns the leads that are queued.
        """
        last_pruned_at, self._pruned_at = self._pruned_at, time.monotonic()
        if self._pruned_at - last_pruned_at > _TRUSTED_SECONDS:
            oldest_message_id = None
        while self._messages and self._messages[0][0] != oldest_message_id:
            self._leads.difference_update(self._messages.popleft()[1])
        return self._leads
