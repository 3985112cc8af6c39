"""The real engine as real processes, to be killed by pid."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys

import httpx
import pytest

from engine.audit_log import ENGINE
from engine.keys.key import SCOPES
from engine.mongo import create_collections
from engine.runtime import open_runtime
from workflows.manage_keys import create_key


class Engine:
    """API, dispatcher, scheduler and workers on a database of their own."""

    def __init__(self, settings) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        """Once `let_in`, it has a key as its user, which HTTP clients show as such."""
        self.parts: dict[str, asyncio.subprocess.Process] = {}

    def let_in(self, key: str) -> None:
        """Let every client that is given the URL show this key."""
        self.url = f"http://{key}@127.0.0.1:{self.settings.port}"

    async def start(self, name: str) -> None:
        """Start a part; workers are called worker-1, worker-2 and so on."""
        env = {key.upper(): str(value) for key, value in self.settings.model_dump(mode="json").items()}
        self.parts[name] = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "scripts.cli", name.split("-", 1)[0]), env={**os.environ, **env}
        )

    async def kill(self, name: str, number: signal.Signals = signal.SIGKILL) -> int:
        """Send a signal and wait for the end; the exit code."""
        part = self.parts.pop(name)
        part.send_signal(number)
        return await part.wait()

    async def ready(self) -> None:
        """Return when the API can serve."""
        async with httpx.AsyncClient() as client, asyncio.timeout(30):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get(f"{self.url}/health/ready")).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def stop(self) -> None:
        """Kill what still runs."""
        for name in list(self.parts):
            with contextlib.suppress(ProcessLookupError):
                await self.kill(name)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def engine(settings):
    """A running engine with two workers and short leases."""
    quick = settings.model_copy(
        update={
            "port": free_port(),
            "lease_seconds": 2.0,
            "reconcile_seconds": 1.0,
            "worker_heartbeat_seconds": 2,
            "execution_lease_seconds": 3.0,
            "log_level": "WARNING",
        }
    )
    running = Engine(quick)
    async with open_runtime(quick) as runtime:
        await create_collections(runtime.database)
        running.let_in((await create_key(runtime, ENGINE, "tests", SCOPES)).token.text)
        for name in ("api", "dispatcher", "scheduler", "worker-1", "worker-2"):
            await running.start(name)
        await running.ready()
        try:
            yield running
        finally:
            await running.stop()
            await runtime.client.drop_database(quick.mongodb_database)


@pytest.fixture
async def truth(engine):
    """A runtime that looks at the engine's database without taking part."""
    async with open_runtime(engine.settings) as runtime:
        yield runtime
