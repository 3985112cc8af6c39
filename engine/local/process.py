"""Child processes that never outlive this one and do not receive the Ctrl-C of its terminal."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import weakref
from asyncio.subprocess import DEVNULL, STDOUT, Process
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

__all__ = ["Child", "describe_exit", "kill_children"]

_LAUNCHER = Path(__file__).with_name("die_with_parent.py")
_children: weakref.WeakSet[Child] = weakref.WeakSet()


class Child:
    """A child in a session of its own. On Linux the kernel kills it when this process ends, however it ends."""

    def __init__(self, process: Process) -> None:
        self.pid = process.pid
        self.ended = asyncio.create_task(self._reap())
        self._process = process
        _children.add(self)

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        output: int = DEVNULL,
        stdin: bytes = b"",
    ) -> Self:
        """Start `command` with `env` on top of this environment; stdout and stderr both go to `output`.

        It reads `stdin`, at most 4 KiB, which unlike its command line and its environment nobody else can see.

        Call it on the main thread: for the kernel the parent is the *thread* that starts the child.
        """
        launcher = (sys.executable, "-I", "-S", str(_LAUNCHER), str(os.getpid()))
        read, write = os.pipe()
        try:
            os.write(write, stdin)  # fits into the pipe
        finally:
            os.close(write)
        with os.fdopen(read, "rb") as given:
            process = await asyncio.create_subprocess_exec(
                *launcher,
                *command,
                env={**os.environ, **(env or {})},
                stdin=given if stdin else DEVNULL,
                stdout=output,
                stderr=STDOUT,
                start_new_session=True,
            )
        return cls(process)

    async def _reap(self) -> int:
        code = await self._process.wait()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)  # grandchildren that it left behind
        return code

    async def wait(self) -> int:
        """Wait for its end. Returns the exit code, or minus the number of the signal that ended it."""
        return await asyncio.shield(self.ended)

    async def stop(self, grace_seconds: float) -> int:
        """Stop it: SIGTERM, and SIGKILL after `grace_seconds` or when cancelled. Harmless if it has ended."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait({self.ended}, timeout=grace_seconds)
        finally:
            self.kill()
        return await self.wait()

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # Not Process.send_signal: it polls, and may reap the exit code before asyncio's watcher does.
        # Only the child itself, not its group: it stops its children in its own order.
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)


def kill_children() -> None:
    """Kill every child at once. Everything that waits for one goes on."""
    for child in tuple(_children):
        child.kill()


def describe_exit(code: int) -> str:
    """In words: `exit code 1`, or `signal SIGKILL`."""
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
