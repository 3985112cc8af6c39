"""A cancellation that a library drops must still end the task that it was meant for."""

from __future__ import annotations

import asyncio

import pytest

from engine.process import tasks
from engine.process.tasks import cancel_and_wait, raise_if_cancelled, within


async def drops_one_cancellation() -> None:
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        return


async def test_a_loop_that_heeds_ends_although_a_library_dropped_the_cancellation():
    async def loop() -> None:
        while True:
            raise_if_cancelled()
            await drops_one_cancellation()

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task}, timeout=1)
    assert task.cancelled()


async def test_without_a_cancellation_heed_does_nothing():
    raise_if_cancelled()


async def test_end_repeats_the_cancellation_until_the_task_has_ended():
    async def stubborn() -> None:
        await drops_one_cancellation()
        await asyncio.Event().wait()

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(cancel_and_wait(task), 5)
    assert task.cancelled()


async def test_end_raises_what_the_task_failed_with():
    async def fails() -> None:
        raise LookupError

    task = asyncio.create_task(fails())
    await asyncio.sleep(0)
    with pytest.raises(LookupError):
        await cancel_and_wait(task)


async def test_within_returns_what_the_work_returns_and_raises_what_it_raises():
    async def works(result) -> int:
        if result is None:
            raise LookupError
        return result

    assert await within(5, works(7)) == 7
    assert await within(None, works(7)) == 7
    with pytest.raises(LookupError):
        await within(5, works(None))


async def test_within_cancels_work_that_takes_too_long():
    cancelled = asyncio.Event()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        await within(0.01, hangs())
    assert cancelled.is_set()


async def test_within_waits_no_longer_for_work_that_not_even_a_cancellation_ends(monkeypatch):
    monkeypatch.setattr(tasks, "_RETRY_SECONDS", 0.05)
    over = asyncio.Event()

    async def hangs() -> None:
        while not over.is_set():
            await drops_one_cancellation()

    async with asyncio.timeout(5):
        with pytest.raises(TimeoutError):
            await within(0.01, hangs())
    over.set()


async def test_a_cancellation_of_the_caller_ends_the_work_too():
    cancelled = asyncio.Event()

    async def hangs() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    caller = asyncio.create_task(within(None, hangs()))
    await asyncio.sleep(0.01)
    await cancel_and_wait(caller)
    assert cancelled.is_set()
