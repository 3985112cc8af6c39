"""Answers many callers with few questions: those who ask while an answer is on its way share the next one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["BatchLoader"]

V = TypeVar("V")


@dataclass(eq=False)
class _Round(Generic[V]):
    wanted: set[str] = field(default_factory=set)
    callers: int = 0
    done: asyncio.Future[dict[str, V]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class BatchLoader(Generic[V]):
    """Asks for one round of names at a time. No answer is older than the question that it goes to.

    A round has `most` names, unless a single caller wants more. One that everybody has given up is not asked. Rounds
    begin at least `apart_seconds` after each other.
    """

    def __init__(
        self,
        answer: Callable[[set[str]], Awaitable[dict[str, V]]],
        *,
        most: int,
        apart_seconds: float = 0.0,
    ) -> None:
        self._answer = answer
        self._most = most
        self._apart_seconds = apart_seconds
        self._next_at = 0.0
        self._waiting: deque[_Round[V]] = deque()
        self._asking: asyncio.Task[None] | None = None

    async def load(self, wanted: Collection[str]) -> dict[str, V]:
        """The answer to these names, and to what others wanted at the same time. Raises what `answer` raises."""
        mine = self._round_for(len(wanted))
        mine.wanted.update(wanted)
        mine.callers += 1
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all(), name="shared rounds")
        try:
            return await asyncio.shield(mine.done)
        finally:
            mine.callers -= 1
            if not mine.callers and mine in self._waiting:
                self._waiting.remove(mine)

    def _round_for(self, names: int) -> _Round[V]:
        """The round that waits last, or a new one when that has no room for so many names more."""
        if not self._waiting or len(self._waiting[-1].wanted) + names > self._most:
            self._waiting.append(_Round())
            self._waiting[-1].done.add_done_callback(_look_at)
        return self._waiting[-1]

    async def _ask_for_all(self) -> None:
        try:
            while self._waiting:
                await self._until_next()
                if self._waiting:
                    await self._ask(self._waiting.popleft())
        finally:
            self._asking = None

    async def _until_next(self) -> None:
        clock = asyncio.get_running_loop()
        if (pause := self._next_at - clock.time()) > 0:
            await asyncio.sleep(pause)
        self._next_at = clock.time() + self._apart_seconds

    async def _ask(self, current: _Round[V]) -> None:
        try:
            current.done.set_result(await self._answer(current.wanted))
        except asyncio.CancelledError:
            current.done.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is for those who asked
            current.done.set_exception(error)


def _look_at(done: asyncio.Future[dict[str, V]]) -> None:
    """Callers that have given up do not look, and nobody need be told."""
    if not done.cancelled():
        done.exception()
