"""Many open live streams, read by one process, with the moment at which each lead was named."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator

from engine.process.tasks import cancel_and_wait
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import get

__all__ = ["OpenStream", "open_streams"]

_OPEN_SECONDS = 30
_AT_ONCE = 50


_CONNECT_SECONDS = 10


class OpenStream:
    """A stream. `named` has the moment (monotonic) at which it first named a lead at a position or behind it."""

    def __init__(self, *, reads: bool) -> None:
        self._reads = reads
        self._wanted: dict[str, tuple[int, asyncio.Future[float]]] = {}
        self._seen: dict[str, tuple[int, float]] = {}
        self.begun = asyncio.Event()

    async def run(self, host: str, port: int) -> None:
        """Read until cancelled."""
        async with asyncio.timeout(_CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(get("/api/stream"))
            event = ""
            while line := (await reader.readline()).decode().rstrip():
                verify(
                    not line.startswith("HTTP/") or " 200 " in line, f"the stream was answered with {line}"
                )
            async for raw in reader:
                line = raw.decode().rstrip()
                if line.startswith("event: "):
                    event = line.removeprefix("event: ")
                    self.begun.set()
                elif line.startswith("data: ") and event == "leads" and self._reads:
                    self._name(json.loads(line.removeprefix("data: ")))
        finally:
            writer.close()

    async def named(self, lead_id: str, position: int, seconds: float = 30) -> float:
        """The moment at which the stream names the lead at this position or behind it."""
        seen = self._seen.get(lead_id)
        if seen is not None and seen[0] >= position:
            return seen[1]
        wanted: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self._wanted[lead_id] = position, wanted
        async with asyncio.timeout(seconds):
            return await wanted

    def _name(self, leads: dict[str, int]) -> None:
        at = time.monotonic()
        for lead_id, position in leads.items():
            if lead_id not in self._seen or self._seen[lead_id][0] < position:
                self._seen[lead_id] = position, at
            wanted = self._wanted.get(lead_id)
            if wanted is not None and position >= wanted[0] and not wanted[1].done():
                wanted[1].set_result(at)


@contextlib.asynccontextmanager
async def open_streams(host: str, port: int, number: int) -> AsyncIterator[list[OpenStream]]:
    """So many streams, all of which have begun. The first one is read, the others take what comes."""
    streams = [OpenStream(reads=index == 0) for index in range(number)]
    running: list[asyncio.Task[None]] = []
    try:
        for start in range(0, number, _AT_ONCE):
            some = streams[start : start + _AT_ONCE]
            running += [asyncio.create_task(one.run(host, port)) for one in some]
            async with asyncio.timeout(_OPEN_SECONDS):
                await asyncio.gather(*(one.begun.wait() for one in some))
        yield streams
        verify(not any(task.done() for task in running), "a stream has ended")
    finally:
        for task in running:
            with contextlib.suppress(Exception):
                await cancel_and_wait(task)
