"""A supervisor of child processes: restarts those that crash with back-off, and stops all of them in time."""

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

__all__ = ["ProcessSpec", "RestartPolicy", "Supervisor", "run_process", "run_until_signal", "together"]

CHUNK_BYTES = 64 * 1024
LAST_LINES = 10
PIPE_SECONDS = 0.5


@dataclass(frozen=True)
class ProcessSpec:
    """One process of the engine: its name, its command, and its environment on top of this one."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RestartPolicy:
    """When a process is restarted, in seconds, and when the supervisor gives up."""

    stop_seconds: float = 7.0  # grace between SIGTERM and SIGKILL
    first_backoff: float = 0.5  # before the first restart; doubled per further one ...
    max_backoff: float = 10.0  # ... up to this ...
    healthy_after: float = 30.0  # ... and reset after an uptime of this
    max_exits: int = 5  # so many exits ...
    within: float = 30.0  # ... within this time, and the supervisor gives up


@dataclass(frozen=True)
class Exit:
    """How a process ended: its exit code, or minus its signal, and the last lines it printed."""

    code: int
    last_lines: Sequence[str]


class Supervisor:
    """Keeps processes running."""

    def __init__(
        self, specs: Sequence[ProcessSpec], output: ProcessOutput, policy: RestartPolicy | None = None
    ) -> None:
        self._specs = specs
        self._output = output
        self._policy = policy or RestartPolicy()

    async def run(self) -> None:
        """Run until cancelled, then stop all processes at once. Raises `Unavailable` if one keeps exiting."""
        await together(*map(self._keep_running, self._specs))

    async def _keep_running(self, spec: ProcessSpec) -> None:
        policy = self._policy
        exits: deque[float] = deque(maxlen=policy.max_exits)
        backoff = policy.first_backoff
        while True:
            started = time.monotonic()
            last = await run_process(spec, self._output, policy.stop_seconds)
            exits.append(time.monotonic())
            if len(exits) == policy.max_exits and exits[-1] - exits[0] <= policy.within:
                raise _keeps_exiting(spec, last, policy)
            if exits[-1] - started >= policy.healthy_after:
                backoff = policy.first_backoff
            self._output.line(
                spec.name, f"ended with {describe_exit(last.code)}, starts again in {backoff:g} s"
            )
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, policy.max_backoff)


def _keeps_exiting(spec: ProcessSpec, last: Exit, policy: RestartPolicy) -> Unavailable:
    what = f"{spec.name} ended {policy.max_exits} times within {policy.within:g} s"
    how = f"the last time with {describe_exit(last.code)}"
    return Unavailable(
        "\n  ".join([f"{what}, {how}, so the engine stops. Its last lines:", *last.last_lines])
    )


async def run_process(spec: ProcessSpec, output: ProcessOutput, stop_seconds: float) -> Exit:
    """Run a process once and forward its output. When cancelled, stop it within `stop_seconds`."""
    read, write = os.pipe()
    last_lines: deque[str] = deque(maxlen=LAST_LINES)
    with os.fdopen(read, "rb", buffering=0) as pipe:
        try:
            child = await Child.start(spec.command, env={"PYTHONUNBUFFERED": "1", **spec.env}, output=write)
        finally:
            os.close(write)
        printing = asyncio.create_task(_forward(pipe, spec.name, output, last_lines))
        try:
            code = await child.wait()
        finally:
            if not child.ended.done() and await child.stop(stop_seconds) == -signal.SIGKILL:
                output.line(spec.name, "did not stop in time and was killed")
            with suppress(TimeoutError):  # a stray grandchild may hold the pipe open
                # wait_for of Python 3.11 can swallow a cancellation.
                async with asyncio.timeout(PIPE_SECONDS):
                    await printing
    return Exit(code, tuple(last_lines))


async def _forward(pipe: BinaryIO, name: str, output: ProcessOutput, last_lines: deque[str]) -> None:
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
    """Run all jobs concurrently. When one fails, cancel the others, wait for them, and raise its exception."""
    try:
        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(job)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


def run_until_signal(job: Coroutine[object, object, None]) -> bool:
    """Run `job`; SIGINT, SIGTERM or SIGHUP cancels it and lets it clean up. Returns whether a signal ended it.

    A second Ctrl-C kills all children, so that everything that waits for one goes on at once. A second SIGTERM does
    not: `make` forwards the one that a terminal or a container has sent to all processes already.
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
