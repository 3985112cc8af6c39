"""The engine as it is run: its parts as processes of the command line, on a database of their own."""

from __future__ import annotations

import asyncio
import socket
import sys
from contextlib import closing
from pathlib import Path

from engine.embedded.process import Child
from engine.settings import Settings
from scripts.bench.http_connection import Connection, get
from scripts.bench.verified import verify

__all__ = ["ALL_PARTS", "EngineUnderTest", "free_port"]

ALL_PARTS = ("api", "dispatcher", "worker", "scheduler")

_READY_SECONDS = 60
_STOP_SECONDS = 10
_LOOK_SECONDS = 0.05


class EngineUnderTest:
    """Parts of one engine. Their output goes to a file each."""

    def __init__(self, settings: Settings, logs: Path) -> None:
        self.settings = settings
        self._logs = logs
        self._parts: dict[str, Child] = {}

    @property
    def pids(self) -> dict[str, int]:
        """The process of each part that was started."""
        return {name: part.pid for name, part in self._parts.items()}

    async def start(self, *parts: str) -> None:
        """Start parts and return when the API, if among them, can serve and all others have not ended at once."""
        env = {key.upper(): str(value) for key, value in self.settings.model_dump(mode="json").items()}
        for name in parts:
            with (self._logs / f"{self.settings.mongodb_database}-{name}.log").open("ab") as log:
                command = (sys.executable, "-m", "scripts.cli", name)
                self._parts[name] = await Child.start(command, env=env, output=log.fileno())
        if "api" in parts:
            async with asyncio.timeout(_READY_SECONDS):
                while not await self._is_ready():  # noqa: ASYNC110 - another process becomes ready
                    await asyncio.sleep(_LOOK_SECONDS)
        self.verify_running()

    def verify_running(self) -> None:
        """Raise `WrongResult` if any part has ended."""
        for name, part in self._parts.items():
            verify(not part.ended.done(), f"the {name} process has ended; its last words: {self._log(name)}")

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

    def _log(self, name: str) -> str:
        path = self._logs / f"{self.settings.mongodb_database}-{name}.log"
        return path.read_text(errors="replace")[-500:]


def free_port() -> int:
    """A port that nothing listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
