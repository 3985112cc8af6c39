"""The engine as it is run: its parts as processes of the command line, on a database of their own."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import closing
from pathlib import Path

from engine.local.process import Child
from engine.settings import Settings
from scripts.bench.checks import verify
from scripts.bench.load.http_connection import Connection, get

__all__ = ["ALL_PARTS", "EngineUnderTest", "free_port", "last_lines", "start_command"]

ALL_PARTS = ("api", "dispatcher", "worker", "scheduler")

_READY_SECONDS = 60
_STOP_SECONDS = 10
_POLL_SECONDS = 0.05
_LAST_WORDS = 500


class EngineUnderTest:
    """Parts of one engine. Each writes its output to a file."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self.settings = settings
        self._logs = logs
        self._parts: dict[str, Child] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process of each part that was started."""
        return {name: part.pid for name, part in self._parts.items()}

    async def start(self, *parts: str) -> None:
        """Start parts. Returns when the API, if among them, is ready and none of the others has exited at once."""
        for name in parts:
            self._parts[name] = await start_command(self.settings, self._log(name), name)
        if "api" in parts:
            async with asyncio.timeout(_READY_SECONDS):
                while not await self._is_ready():  # noqa: ASYNC110 - another process becomes ready
                    await asyncio.sleep(_POLL_SECONDS)
        self.verify_running()

    def verify_running(self) -> None:
        """Raise `WrongResult` if any part has ended."""
        for name, part in self._parts.items():
            verify(not part.ended.done(), f"the {name} process has ended: {last_lines(self._log(name))}")

    async def stop(self, *parts: str) -> None:
        """Stop some parts, or all, by SIGTERM."""
        chosen = [self._parts.pop(name) for name in parts or tuple(self._parts)]
        await asyncio.gather(*(part.stop(_STOP_SECONDS) for part in chosen))

    async def _is_ready(self) -> bool:
        self.verify_running()
        try:
            connection = await Connection.open(self.settings.host, self.settings.port)
        except OSError:
            return False
        with closing(connection):
            return (await connection.ask(get("/health/ready"))).status == 200  # noqa: PLR2004 - OK

    def _log(self, name: str) -> Path:
        return self._logs / f"{self.settings.mongodb_database}-{name}.log"


async def start_command(settings: Settings, log: Path, *words: str) -> Child:
    """Start `lead-engine WORDS` with these settings; its output is appended to the log."""
    env = {key.upper(): str(value) for key, value in settings.model_dump(mode="json").items()}
    with log.open("ab") as output:
        return await Child.start(
            (sys.executable, "-m", "scripts.cli", *words), env=env, output=output.fileno()
        )


def last_lines(log: Path) -> str:
    """The last lines of a process's output."""
    return log.read_text(encoding="utf-8", errors="replace")[-_LAST_WORDS:]


def free_port() -> int:
    """A free port."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
