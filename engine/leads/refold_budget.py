"""The budget of refolds per sender that anybody can pose as: events that its late events may cause to be folded again.

One token bucket per sender and worker process, counted in events. What goes beyond is postponed, not refused: late events
that arrive meanwhile are then folded together.
"""

from __future__ import annotations

from collections import Counter, OrderedDict

from domain.instant import MINUTE, SECOND, Millis

__all__ = ["MAX_POSTPONED", "REFOLDS", "RefoldBudget"]

REFOLDS = "refolds"
"""The name under which workers count what became of leads over the budget."""

MAX_POSTPONED: Millis = 10 * MINUTE
"""The longest that a lead waits; then its late events are folded whatever has been spent."""
_BURST_SECONDS = 60
_MAX_REMEMBERED = 10_000


class RefoldBudget:
    """Token buckets by sender, filled with `events_per_second` and full after a minute; and the leads that wait."""

    def __init__(self, events_per_second: int) -> None:
        self._rate = events_per_second
        self._spent: OrderedDict[str, tuple[float, Millis]] = OrderedDict()
        """By sender, the latest last: how many events the bucket lacks, and when."""
        self._waiting: OrderedDict[str, Millis] = OrderedDict()
        """Since when leads wait, the longest first."""
        self.outcomes: Counter[str] = Counter()
        """How many folds were `postponed`, and how many were done after that."""

    def spend(self, sender: str, lead_id: str, events: int, now: Millis) -> None:
        """Take events that were folded again for a lead. The bucket may go below empty: then the next ones wait."""
        self._spent[sender] = self._lack(sender, now) + events, now
        self._spent.move_to_end(sender)
        while len(self._spent) > _MAX_REMEMBERED:
            self._spent.popitem(last=False)
        if self._waiting.pop(lead_id, None) is not None:
            self.outcomes["done"] += 1

    def may_fold(self, sender: str, lead_id: str, now: Millis) -> bool:
        """Whether late events of the sender are folded now: its bucket is not empty, or the lead has waited for long."""
        since = self._waiting.get(lead_id, now)
        return self._lack(sender, now) < self._rate * _BURST_SECONDS or now - since >= MAX_POSTPONED

    def postpone(self, sender: str, lead_id: str, now: Millis) -> Millis:
        """Let the lead wait. Returns for how long, at least a second."""
        if len(self._waiting) >= _MAX_REMEMBERED:
            self._waiting.popitem(last=False)
        if lead_id not in self._waiting:
            self._waiting[lead_id] = now
            self.outcomes["postponed"] += 1
        since = self._waiting[lead_id]
        lack = self._lack(sender, now) - self._rate * _BURST_SECONDS
        wait = min(round(lack * SECOND / self._rate) + SECOND, since + MAX_POSTPONED - now)
        return max(wait, SECOND)

    def _lack(self, sender: str, now: Millis) -> float:
        lack, at = self._spent.get(sender, (0.0, now))
        return max(lack - (now - at) * self._rate / SECOND, 0.0)
