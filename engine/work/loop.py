"""A work loop: claims the due units of one kind in batches and attempts many at once, until it is stopped.

Every kind has a loop of its own, with its own room: however many units of one kind are due, the next pass of another
kind takes its own just as soon.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any, Generic, TypeVar

from pymongo.errors import PyMongoError

from domain.instant import SECOND, Millis
from engine.process.periodic import logged_failures
from engine.process.tasks import cancel_and_wait, raise_if_cancelled, within
from engine.work.attempt import attempt
from engine.work.kind import WorkKind
from engine.work.store import Candidate
from engine.work.unit import Unit

__all__ = ["WorkLoop"]

_log = logging.getLogger(__name__)

_GRACE_SECONDS = 3.0
"""For attempts under way when the loop is stopped. What is cut off is due again at once."""

_MAX_PASS_SECONDS = 20.0
"""After which a pass counts as hung: it is cancelled, or abandoned if that does not end it, and the next one begins."""

U = TypeVar("U", bound=Unit)
OnPass = Callable[[], Coroutine[Any, Any, None]]


class WorkLoop(Generic[U]):
    """The loop of one kind in one process.

    It sleeps until the next unit is due, an attempt ends, or somebody wakes it, and never longer than `poll_seconds`:
    so a lost wake-up costs that time and nothing else.
    """

    def __init__(
        self,
        kind: WorkKind[U],
        now: Callable[[], Millis],
        *,
        poll_seconds: float = 1.0,
        max_pass_seconds: float | None = _MAX_PASS_SECONDS,
        on_pass: OnPass | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """`on_pass` is called after every pass that has come to its end; `jitter` gives shares from 0 to 1."""
        self.kind = kind
        self._now = now
        self._poll: Millis = round(poll_seconds * SECOND)
        self._max_pass_seconds = max_pass_seconds
        self._on_pass = on_pass
        self._jitter = jitter
        self._woken = asyncio.Event()
        self._under_way: dict[asyncio.Task[None], str] = {}
        self._look_past_full_keys_at: Millis = 0
        self._stopping = False
        self._begun = 0
        self.settled: Counter[str] = Counter()
        """How many attempts ended in each state. Readers subtract what they have seen."""

    def wake(self) -> None:
        """Look for due units at once: some have just been stored."""
        self._look_past_full_keys_at = 0
        self._woken.set()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Work in the background while the context is open."""
        running = asyncio.create_task(self.run(), name=f"work loop {self.kind.name}")
        try:
            yield
        finally:
            await self._stop(running)

    async def run(self) -> None:
        """Work until stopped. A pass that fails or hangs is logged, and the next one comes all the same."""
        while not self._stopping:
            raise_if_cancelled()
            self._woken.clear()
            await self._sleep(await self._guarded_pass())

    async def drain(self) -> int:
        """Work until nothing is due and nothing is under way. Returns how many attempts were begun."""
        begun = self._begun
        while True:
            self._woken.clear()
            await self._pass()
            if not self._under_way and not self._woken.is_set():
                return self._begun - begun
            await self._woken.wait()

    async def _guarded_pass(self) -> float:
        """One pass. Returns how many seconds to sleep after it."""
        seconds = self._poll / SECOND
        with logged_failures(f"A pass over due work of kind {self.kind.name} failed"):
            try:
                seconds = await within(self._max_pass_seconds, self._pass())
                if self._on_pass is not None:
                    await within(self._max_pass_seconds, self._on_pass())
            except TimeoutError:
                _log.error("A pass over due work of kind %s hung and was abandoned.", self.kind.name)
        return seconds

    async def _pass(self) -> float:
        """Begin what is due and has room. Returns the seconds until the next unit is due, or the poll interval."""
        while not self._stopping and (room := self.kind.policy.concurrency - len(self._under_way)) > 0:
            now = self._now()
            candidates = await self._candidates(now, room)
            due = [one for one in candidates if one.due_at <= now]
            if not due:
                next_due = min((one.due_at for one in candidates), default=now + self._poll)
                return min(next_due - now, self._poll) / SECOND
            await self._begin(due, now)
        return self._poll / SECOND

    async def _candidates(self, now: Millis, room: int) -> list[Candidate]:
        """The units that are due, or will be within the poll interval, as far as they and their keys have room.

        To look past the units of a key that has all its places may be a long way. When there was nothing behind them,
        the next look is one poll interval later, or when a wake-up says that there is something new.
        """
        taken = Counter(self._under_way.values())
        limit = self.kind.policy.per_key
        full = [key for key, number in taken.items() if limit is not None and number >= limit]
        if full and now < self._look_past_full_keys_at:
            return []
        found = await self.kind.store.soonest(now + self._poll, room, full)
        if full and not any(one.due_at <= now for one in found):
            self._look_past_full_keys_at = now + self._poll
        chosen: list[Candidate] = []
        for one in found:
            if limit is None or taken[one.key] < limit:
                taken[one.key] += 1
                chosen.append(one)
        return chosen

    async def _begin(self, due: Sequence[Candidate], now: Millis) -> None:
        keys = {one.unit_id: one.key for one in due}
        for unit in await self.kind.store.claim(list(keys), now, self.kind.policy.lease):
            task = asyncio.create_task(self._attempt(unit), name=f"{self.kind.name} {unit.unit_id}")
            self._under_way[task] = keys[unit.unit_id]
            task.add_done_callback(self._ended)
            self._begun += 1

    async def _attempt(self, unit: U) -> None:
        try:
            settlement = await attempt(self.kind, unit, self._now, self._jitter)
        except asyncio.CancelledError:
            with contextlib.suppress(PyMongoError):
                await self.kind.store.release(unit, self._now())
            raise
        if settlement is not None:
            self.settled[settlement.state] += 1

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Make room for the next one. What failed to be written down is attempted again when its lease ends."""
        del self._under_way[task]
        self._woken.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.error(
                "%s is attempted again, for its end could not be stored.", task.get_name(), exc_info=error
            )

    async def _sleep(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._woken.wait()

    async def _stop(self, running: asyncio.Task[None]) -> None:
        """Begin nothing more, wait a little for what is under way, and cut off the rest."""
        self._stopping = True
        self._woken.set()
        await asyncio.wait({running, *self._under_way}, timeout=_GRACE_SECONDS)
        for task in (running, *self._under_way):
            with contextlib.suppress(Exception):  # it is logged
                await cancel_and_wait(task)
