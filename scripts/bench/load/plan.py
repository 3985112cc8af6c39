"""HTTP load from a process of its own: the plan of its requests, and their outcome."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from itertools import count
from typing import Self

import msgspec
from msgspec import Struct

from scripts.bench.checks import verify

__all__ = ["MARK", "Load", "Outcome", "Plan", "blocks_of_passes", "send"]

MARK = b"#pass"
"""Stands in requests for the number of the pass, so that one set of requests becomes many; as long as the number."""

_PASSES_A_PLAN = 500
_MAX_REPORT_BYTES = 512 * 1024 * 1024


class Plan(Struct, frozen=True, kw_only=True):
    """Requests to send over and over: `passes` times, or for `seconds` if given.

    With `per_second` requests are due at that rate whether or not earlier ones are answered (open loop), and the
    time of each counts from when it was due. Without it each connection sends its next as soon as it can.
    """

    port: int
    connections: int
    requests: list[bytes]
    first_pass: int = 0
    passes: int = 1
    seconds: float = 0.0
    per_second: float = 0.0
    until_visible: bool = False
    """Each request is a single event; its time ends when the score that it made has been read."""


class Outcome(Struct, frozen=True, kw_only=True):
    """The outcome of a plan. Times are seconds of the monotonic clock, which all processes share."""

    began: float
    ended: float
    accepted_events: int
    statuses: dict[int, int]
    seconds: list[float]
    """How long each request that was not refused took."""
    refused_without_retry_after: int
    last_pass: int

    @property
    def requests(self) -> int:
        """The number of requests sent."""
        return sum(self.statuses.values())

    @property
    def elapsed(self) -> float:
        """Seconds from the first request to the last answer."""
        return self.ended - self.began

    def verify_all(self, status: int) -> Self:
        """Raise `WrongResult` unless every request was answered so."""
        verify(set(self.statuses) == {status}, f"all answers should be {status}: {self.statuses}")
        return self


class Load:
    """A load generator that is connected and waits for the command to send."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    @classmethod
    async def prepare(cls, plan: Plan) -> Self:
        """Start the process. Its requests are in its memory when this returns."""
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.bench.load.generator"),
            stdin=pipe,
            stdout=pipe,
            limit=_MAX_REPORT_BYTES,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        raw = msgspec.msgpack.encode(plan)
        process.stdin.write(len(raw).to_bytes(8) + raw)
        await process.stdin.drain()
        verify(await process.stdout.readline() == b"ready\n", "the load generator did not start")
        return cls(process)

    async def run(self) -> Outcome:
        """Let it send. Returns the outcome."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(b"go\n")
        await process.stdin.drain()
        raw = await process.stdout.read()
        verify(await process.wait() == 0, "the load generator failed")
        return msgspec.msgpack.decode(raw, type=Outcome)


def blocks_of_passes() -> Iterator[int]:
    """First passes for plans on one database, so far apart that no two plans send the same event."""
    return count(0, _PASSES_A_PLAN)


async def send(plan: Plan) -> Outcome:
    """Run a plan from its beginning to its end."""
    return await (await Load.prepare(plan)).run()
