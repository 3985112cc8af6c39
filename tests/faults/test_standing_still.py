"""A part whose event loop stands still is ended and started again."""

from __future__ import annotations

import asyncio

PARTS = ("api", "dispatcher", "scheduler", "worker-1")


async def test_every_part_that_stands_still_ends_by_itself(new_engine):
    async with new_engine(loop_stall_seconds=1) as engine:
        await engine.start(*PARTS, sabotage={"plant": ["standing_still"]})
        codes = await asyncio.gather(*(engine.ended(part, seconds=30) for part in PARTS))
    assert codes == [1, 1, 1, 1]
