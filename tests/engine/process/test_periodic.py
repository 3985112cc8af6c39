"""The background loop runs its work again and again, whatever a run raises, and ends when its context ends."""

from __future__ import annotations

import asyncio
import logging

import pytest
from pymongo.errors import AutoReconnect

from domain.errors import Unavailable
from engine.process.periodic import every, logged_failures


class Work:
    """Counts its runs; each raises the next of the given failures, if there is one."""

    def __init__(self, *failures: Exception) -> None:
        self.runs = 0
        self._failures = list(failures)

    async def __call__(self) -> None:
        self.runs += 1
        if self._failures:
            raise self._failures.pop(0)


async def until(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.001)


async def test_work_is_repeated_until_the_context_ends():
    work = Work()
    async with every(work, 0.001, "It failed"):
        await until(lambda: work.runs >= 3)
    runs = work.runs
    await asyncio.sleep(0.02)
    assert work.runs == runs


async def test_a_failed_run_is_logged_and_the_next_one_happens(caplog):
    work = Work(AutoReconnect("no primary"), Unavailable("no Redis"), ValueError("a bug"))
    async with every(work, 0.001, "Cannot look"):
        await until(lambda: work.runs >= 4)
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [
        (logging.WARNING, "Cannot look: no primary"),
        (logging.WARNING, "Cannot look: no Redis"),
        (logging.ERROR, "Cannot look."),
    ]
    assert "ValueError: a bug" in caplog.text


async def test_the_first_run_comes_after_a_pause_or_at_once():
    late, soon = Work(), Work()
    async with every(late, 60, "It failed"), every(soon, 60, "It failed", at_once=True):
        await until(lambda: soon.runs)
        await asyncio.sleep(0.02)
    assert (late.runs, soon.runs) == (0, 1)


async def test_a_run_in_progress_is_cancelled_and_awaited():
    began, ended = asyncio.Event(), asyncio.Event()

    async def work() -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with every(work, 0, "It failed"):
        await began.wait()
    assert ended.is_set()


async def test_what_the_context_itself_raises_is_not_swallowed():
    with pytest.raises(ZeroDivisionError):
        async with every(Work(), 60, "It failed"):
            raise ZeroDivisionError


def test_a_cancellation_is_no_failure():
    with pytest.raises(asyncio.CancelledError), logged_failures("It failed"):
        raise asyncio.CancelledError
