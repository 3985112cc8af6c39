"""The deadline for a client to take what was written to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from api.transport.write_deadline import WriteDeadline

KIB = 1024


class Transport(asyncio.Transport):
    """One whose client takes bytes as the test says."""

    def __init__(self, unsent: int) -> None:
        super().__init__()
        self.unsent, self.aborted = unsent, asyncio.Event()

    def get_write_buffer_size(self) -> int:
        return self.unsent

    def abort(self) -> None:
        self.aborted.set()


def started(transport: Transport) -> WriteDeadline:
    deadline = WriteDeadline(asyncio.get_running_loop(), transport, 0.01)
    deadline.start()
    return deadline


async def test_a_connection_of_which_nothing_is_taken_is_aborted():
    for unsent in (1, 100 * KIB, 10_000 * KIB):
        transport = Transport(unsent)
        started(transport)
        await transport.aborted.wait()


class Loop:
    """A loop whose time passes when the test says so."""

    def __init__(self) -> None:
        self.due: list[Callable[[], None]] = []

    def call_later(self, seconds: float, call: Callable[[], None]) -> None:
        self.due.append(call)

    def let_time_pass(self) -> None:
        due, self.due = self.due, []
        for call in due:
            call()


async def test_a_few_bytes_do_not_buy_more_time_but_a_piece_does():
    transport, loop = Transport(1000 * KIB), Loop()
    WriteDeadline(loop, transport, 1).start()
    for _ in range(20):
        transport.unsent -= 40 * KIB
        loop.let_time_pass()
        assert not transport.aborted.is_set()
    transport.unsent -= KIB
    loop.let_time_pass()
    assert transport.aborted.is_set()


async def test_nothing_happens_once_everything_is_taken():
    transport = Transport(10 * KIB)
    started(transport).stop()
    await asyncio.sleep(0.05)
    assert not transport.aborted.is_set()
