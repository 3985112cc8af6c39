"""Answers many callers with few questions: those who ask while an answer is on its way share the next one."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["SharedRounds"]

V = TypeVar("V")


@dataclass(eq=False)
class _Round(Generic[V]):
    wanted: set[str] = field(default_factory=set)
    done: asyncio.Future[dict[str, V]] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class SharedRounds(Generic[V]):
    """Asks for one round of names at a time. No answer is older than the question that it goes to."""

    def __init__(self, answer: Callable[[set[str]], Awaitable[dict[str, V]]]) -> None:
        self._answer = answer
        self._next: _Round[V] | None = None
        self._asking: asyncio.Task[None] | None = None

    async def ask(self, wanted: Iterable[str]) -> dict[str, V]:
        """The answer to these names, and to what others wanted at the same time. Raises what `answer` raises."""
        if self._next is None:
            self._next = _Round()
            self._next.done.add_done_callback(_look_at)
        mine = self._next
        mine.wanted.update(wanted)
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_for_all(), name="shared rounds")
        return await asyncio.shield(mine.done)

    async def _ask_for_all(self) -> None:
        try:
            while (current := self._next) is not None:
                self._next = None
                await self._ask(current)
        finally:
            self._asking = None

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
