"""A part whose event loop stands still is ended and started again."""

from __future__ import annotations

import asyncio
import signal

import pytest

PARTS = ("api", "dispatcher", "scheduler", "worker-1")
ENDED = {1, -signal.SIGSEGV}
"""`faulthandler` reads the stacks without the GIL; a thread that moves meanwhile may end the process a moment earlier."""


async def test_every_part_that_stands_still_ends_by_itself(new_engine):
    async with new_engine(loop_stall_seconds=1) as engine:
        await engine.start(*PARTS, sabotage={"plant": ["standing_still"]})
        codes = await asyncio.gather(*(engine.ended(part, seconds=30) for part in PARTS))
    assert set(codes) <= ENDED


async def test_a_part_that_does_not_end_in_time_says_what_it_is_waiting_for(new_engine, capfd):
    """Without it a hang that comes once in a hundred runs leaves nothing to look at."""
    async with new_engine() as engine:
        await engine.start("api", "scheduler", "worker-1")
        await engine.ready()
        for part, where in (("scheduler", "run_scheduler"), ("worker-1", "run_worker")):
            with pytest.raises(TimeoutError):
                await engine.ended(part, seconds=1)
            assert where in capfd.readouterr().err
