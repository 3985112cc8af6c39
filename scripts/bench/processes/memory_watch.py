"""Periodic samples of the resident memory of processes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

from engine.process.tasks import cancel_and_wait
from scripts.bench.checks import verify
from scripts.bench.processes.process_figures import rss_mb

__all__ = ["MemoryWatch", "watch_memory"]

_SAMPLE_SECONDS = 0.5


class MemoryWatch:
    """Samples of resident memory in megabytes, by process, oldest first."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self.samples: dict[str, list[float]] = {name: [] for name in pids}
        self._pids = pids

    def look(self) -> None:
        """Take one sample of each process that has not ended."""
        for name, pid in self._pids.items():
            if (sample := rss_mb(pid)) is not None:
                self.samples[name].append(sample)

    def at(self, share: float, name: str) -> float:
        """Megabytes of a process once this share of the time had passed; 1 is the end."""
        samples = self.samples[name]
        verify(bool(samples), f"the memory of {name} was never looked at")
        return samples[min(int(share * len(samples)), len(samples) - 1)]

    def highest(self, name: str) -> float:
        """The peak of a process, in megabytes."""
        return max(self.samples[name])

    def total_at(self, share: float) -> float:
        """Megabytes of all processes together."""
        return sum(self.at(share, name) for name in self.samples)


@contextlib.asynccontextmanager
async def watch_memory(pids: Mapping[str, int]) -> AsyncIterator[MemoryWatch]:
    """Sample the memory while the context is open."""
    watch = MemoryWatch(pids)
    watch.look()
    watching = asyncio.create_task(_look_for_ever(watch), name="memory watch")
    try:
        yield watch
        watch.look()
    finally:
        await cancel_and_wait(watching)


async def _look_for_ever(watch: MemoryWatch) -> None:
    while True:
        await asyncio.sleep(_SAMPLE_SECONDS)
        watch.look()
