"""A gate before the wake-ups of enrolments: whether any lead is in a sequence, remembered for two seconds.

A process that folds leads of which none is enrolled pays one query per two seconds, and nothing per batch. Its answer may
be that old, so that an enrolment that another process stores just then is missed. The first enrolments after a time
without any therefore look again after `LOOK_AGAIN`, when every gate knows of them; an enrolment also looks at all reasons
to stop when its next step is due, and before the first byte of a message leaves, whether or not it was woken.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from domain.instant import SECOND, Millis

__all__ = ["LOOK_AGAIN", "WakeGate"]

_REMEMBERED_SECONDS = 2.0
LOOK_AGAIN: Millis = 10 * SECOND
"""After which all gates know of an enrolment: what they remember, a slow write, and clocks that differ."""


class WakeGate:
    """Whether wake-ups are sent: open while a lead is in a sequence, as far as this process knows."""

    def __init__(
        self, is_any_active: Callable[[], Awaitable[bool]], clock: Callable[[], float] = time.monotonic
    ) -> None:
        """`clock` gives seconds that only go forward."""
        self._is_any_active = is_any_active
        self._clock = clock
        self._is_open = False
        self._until = float("-inf")

    def open(self) -> None:
        """Open it: this process has just enrolled a lead."""
        self._is_open, self._until = True, self._clock() + _REMEMBERED_SECONDS

    async def is_open(self) -> bool:
        """Whether any lead is in a sequence; asked of the store at most once per two seconds."""
        if (began := self._clock()) >= self._until:
            found = await self._is_any_active()
            if began >= self._until:  # else a lead was enrolled meanwhile, which the query need not have seen
                self._is_open, self._until = found, began + _REMEMBERED_SECONDS
        return self._is_open
