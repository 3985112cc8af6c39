"""The load generator, a process: it reads a plan, connects, reports that it is ready, and sends on command."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator
from itertools import count

import msgspec
import uvloop

from scripts.bench.load.http_connection import Answer, Connection, get
from scripts.bench.load.plan import MARK, Outcome, Plan

__all__ = ["Sender"]

_HOST = "127.0.0.1"
_ACCEPTED = re.compile(rb'"accepted":(\d+)')
_STORED = re.compile(rb'"leadId":"([\w~#-]+)".*"position":(\d+)')
_POSITION = re.compile(rb'"position":(\d+)')
_REFUSALS = (429, 503)


class Sender:
    """Sends the requests of a plan over all its connections."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._accepted = 0
        self._statuses: Counter[int] = Counter()
        self._seconds: list[float] = []
        self._without_retry_after = 0
        self._pass = plan.first_pass

    async def run(self, connections: list[Connection]) -> Outcome:
        """Send everything; returns when the last answer is there."""
        began = time.monotonic()
        sending = self._paced if self._plan.per_second else self._greedy
        requests = self._requests(began)
        await asyncio.gather(*(sending(connection, requests) for connection in connections))
        return Outcome(
            began=began,
            ended=time.monotonic(),
            accepted_events=self._accepted,
            statuses=self._statuses,
            seconds=self._seconds,
            refused_without_retry_after=self._without_retry_after,
            last_pass=self._pass,
        )

    def _requests(self, began: float) -> Iterator[tuple[float, bytes]]:
        """Each request with the moment at which it is due."""
        plan = self._plan
        pause = 1 / plan.per_second if plan.per_second else 0.0
        sent = 0  # counted, not added up: the rounding of many small sums made one request too many
        for self._pass in count(plan.first_pass):
            if not plan.seconds and self._pass == plan.first_pass + plan.passes:
                return
            number = b"%0*d" % (len(MARK), self._pass)
            for request in plan.requests:
                after = max(sent * pause, time.monotonic() - began)
                if plan.seconds and after >= plan.seconds:
                    return
                yield began + sent * pause, request.replace(MARK, number)
                sent += 1

    async def _greedy(self, connection: Connection, requests: Iterator[tuple[float, bytes]]) -> None:
        for _, request in requests:
            started = time.monotonic()
            self._note(await self._ask(connection, request), started)

    async def _paced(self, connection: Connection, requests: Iterator[tuple[float, bytes]]) -> None:
        for due, request in requests:
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            self._note(await self._ask(connection, request), due)

    async def _ask(self, connection: Connection, request: bytes) -> Answer:
        """Send a request; if the plan says so, repeat it until the sent event can be read: the API itself waits 5 s at most."""
        answer = await connection.ask(request)
        if not self._plan.until_visible or answer.status in _REFUSALS:
            return answer
        stored = _STORED.search(answer.body)
        if stored is None:
            raise ValueError(f"an event was not stored: {answer.body!r}")
        question = get(f"/api/leads/{stored[1].decode()}/intelligence?after={stored[2].decode()}")
        while (read := await connection.ask(question)).status in _REFUSALS:
            pass
        position = _POSITION.search(read.body)
        if position is None or int(position[1]) < int(stored[2]):
            raise ValueError(f"position {stored[2]!r} was not visible: {read.body!r}")
        return read

    def _note(self, answer: Answer, started: float) -> None:
        self._statuses[answer.status] += 1
        if answer.status in _REFUSALS:
            self._without_retry_after += b"\r\nretry-after:" not in answer.head.lower()
            return
        self._seconds.append(time.monotonic() - started)
        if accepted := _ACCEPTED.search(answer.body, 0, 64):
            self._accepted += int(accepted[1])


async def _main() -> None:
    size = int.from_bytes(sys.stdin.buffer.read(8))
    plan = msgspec.msgpack.decode(sys.stdin.buffer.read(size), type=Plan)
    connections = [await Connection.open(_HOST, plan.port) for _ in range(plan.connections)]
    with contextlib.ExitStack() as stack:
        for connection in connections:
            stack.enter_context(contextlib.closing(connection))
        sys.stdout.buffer.write(b"ready\n")
        sys.stdout.buffer.flush()
        sys.stdin.buffer.readline()
        outcome = await Sender(plan).run(connections)
    sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))


if __name__ == "__main__":
    uvloop.run(_main())
