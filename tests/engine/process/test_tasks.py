"""A cancellation that a library drops must still end the task that it was meant for."""

from __future__ import annotations

import asyncio

import pytest

from engine.process.tasks import cancel_and_wait, raise_if_cancelled


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
