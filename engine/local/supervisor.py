"""Runs the parts of the engine as child processes: starts them again when they crash, stops them in time."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

from domain.errors import Unavailable
from engine.local.process import Child, describe_exit, kill_children
from engine.local.process_output import ProcessOutput

__all__ = ["ProcessSpec", "RestartPolicy", "Supervisor", "run_part", "run_until_signal", "together"]

CHUNK_BYTES = 64 * 1024
LAST_LINES = 10
PIPE_SECONDS = 0.5


@dataclass(frozen=True)
class ProcessSpec:
    """One part of the engine: its name, its command, and what its environment has on top of ours."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RestartPolicy:
    """How long things may take, in seconds, and how often a part may die."""

    stop: float = 7.0  # between SIGTERM and SIGKILL
    first_pause: float = 0.5  # before the first new start; doubles with each further one ...
    longest_pause: float = 10.0  # ... up to this ...
    healthy_after: float = 30.0  # ... and begins anew after this long a life
    deaths: int = 5  # so many deaths ...
    within: float = 30.0  # ... in so short a time, and there is no point in going on


@dataclass(frozen=True)
class Exit:
    """How a part ended: its exit code, or minus its signal, and the last lines it printed."""

    code: int
    last_lines: Sequence[str]


class Supervisor:
    """Keeps parts running."""

    def __init__(
        self, parts: Sequence[ProcessSpec], output: ProcessOutput, patience: RestartPolicy | None = None
    ) -> None:
        self._parts = parts
        self._output = output
        self._patience = patience or RestartPolicy()

    async def run(self) -> None:
        """Run until cancelled, then stop all parts at once. Raises `Unavailable` if a part keeps dying."""
        await together(*map(self._keep, self._parts))

    async def _keep(self, part: ProcessSpec) -> None:
        patience = self._patience
        deaths: deque[float] = deque(maxlen=patience.deaths)
        pause = patience.first_pause
        while True:
            born = time.monotonic()
            ending = await run_part(part, self._output, patience.stop)
            deaths.append(time.monotonic())
            if len(deaths) == patience.deaths and deaths[-1] - deaths[0] <= patience.within:
                raise _keeps_dying(part, ending, patience)
            if deaths[-1] - born >= patience.healthy_after:
                pause = patience.first_pause
            self._output.line(
                part.name, f"ended with {describe_exit(ending.code)}, starts again in {pause:g} s"
            )
            await asyncio.sleep(pause)
            pause = min(2 * pause, patience.longest_pause)


def _keeps_dying(part: ProcessSpec, ending: Exit, patience: RestartPolicy) -> Unavailable:
    what = f"{part.name} ended {patience.deaths} times within {patience.within:g} s"
    how = f"the last time with {describe_exit(ending.code)}"
    return Unavailable(
        "\n  ".join([f"{what}, {how}, so the engine stops. Its last lines:", *ending.last_lines])
    )


async def run_part(part: ProcessSpec, output: ProcessOutput, patience: float) -> Exit:
    """Run `part` once and pass on what it prints. When cancelled, stop it within `patience` seconds."""
    read, write = os.pipe()
    last_lines: deque[str] = deque(maxlen=LAST_LINES)
    with os.fdopen(read, "rb", buffering=0) as pipe:
        try:
            child = await Child.start(part.command, env={"PYTHONUNBUFFERED": "1", **part.env}, output=write)
        finally:
            os.close(write)
        printing = asyncio.create_task(_pass_on(pipe, part.name, output, last_lines))
        try:
            code = await child.wait()
        finally:
            if not child.ended.done() and await child.stop(patience) == -signal.SIGKILL:
                output.line(part.name, "did not stop in time and was killed")
            with suppress(TimeoutError):  # a stray grandchild may hold the pipe open
                # wait_for of Python 3.11 can swallow a cancellation.
                async with asyncio.timeout(PIPE_SECONDS):
                    await printing
    return Exit(code, tuple(last_lines))


async def _pass_on(pipe: BinaryIO, name: str, output: ProcessOutput, last_lines: deque[str]) -> None:
    async for line in _lines(pipe):
        text = line.decode(errors="replace").rstrip()
        last_lines.append(text)
        output.line(name, text)


async def _lines(pipe: BinaryIO) -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
    try:
        begun = b""
        while chunk := await reader.read(CHUNK_BYTES):
            *lines, begun = (begun + chunk).split(b"\n")
            for line in lines:
                yield line
            if len(begun) > CHUNK_BYTES:  # not `readline`: it refuses a line that is too long
                yield begun
                begun = b""
        if begun:
            yield begun
    finally:
        transport.close()


async def together(*jobs: Coroutine[object, object, None]) -> None:
    """Run all jobs; when one fails, cancel the others, wait for them, and raise what it raised."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def run_until_signal(job: Coroutine[object, object, None]) -> bool:
    """Run `job`; SIGINT, SIGTERM or SIGHUP cancels it and lets it clean up. Whether a signal ended it.

    A second Ctrl-C kills all children, so that whatever waits for one goes on at once. A second SIGTERM does
    not: `make` passes on the one that a terminal or a container has already sent to everybody.
    """
    signals: list[signal.Signals] = []

    async def main() -> None:
        task = asyncio.create_task(job)

        def on_signal(number: signal.Signals) -> None:
            if not signals:
                task.cancel()
            elif number == signal.SIGINT:
                kill_children()
            signals.append(number)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup
                asyncio.get_running_loop().add_signal_handler(number, on_signal, number)
        await asyncio.wait({task})
        if not task.cancelled():
            task.result()

    asyncio.run(main())
    return bool(signals)
