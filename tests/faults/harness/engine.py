"""The real engine as real processes, started, signalled and killed one by one."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Collection
from pathlib import Path
from typing import Any

import httpx

from engine.access.keys.key import SCOPES
from engine.local.process import Child
from engine.operations.audit_log import ENGINE
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from tests.faults.harness.checker import everything_applied, faults_of
from tests.faults.harness.clients import open_client
from tests.faults.harness.ledger import Ledger
from tests.faults.harness.watcher import Watcher, watching
from workflows.access.keys import create_key
from workflows.dispatch.dispatch import CHECKPOINT

__all__ = ["EVERY_PART", "Engine", "open_engine"]

EVERY_PART = ("api", "dispatcher", "scheduler", "worker-1", "worker-2")
_SABOTAGED = Path(__file__).with_name("sabotaged.py")
_IN_EVERY_PART = Path(__file__).with_name("in_every_part")
_READY_SECONDS = 60
_SAY_SECONDS = 1


class Engine:
    """API, dispatcher, scheduler and workers on a database of their own.

    `truth` looks at that database without taking part, `ledger` holds the answers to senders, and `watcher` looks
    all the time that no position goes back.
    """

    def __init__(self, settings, truth: Runtime, watcher: Watcher) -> None:
        self.settings = settings
        self.url = f"http://127.0.0.1:{settings.port}"
        self.truth = truth
        self.watcher = watcher
        self.ledger = Ledger()
        self.parts: dict[str, Child] = {}
        self._sabotaged: set[str] = set()

    def let_in(self, key: str) -> None:
        """Let every client that is given the URL show this key: as its user, which HTTP clients send as such."""
        self.url = f"http://{key}@127.0.0.1:{self.settings.port}"

    def url_of(self, port: int) -> str:
        """The API at another port, with the same key."""
        return self.url.replace(f":{self.settings.port}", f":{port}")

    async def start(
        self,
        *names: str,
        arguments: Collection[str] = (),
        sabotage: dict[str, Any] | None = None,
        **settings: object,
    ) -> None:
        """Start parts called by their command, with a number after it if there are several: `worker-2`.

        `sabotage` plants faults in them (see `sabotaged.py`); `settings` differ from those of the others.
        """
        own = self.settings.model_copy(update=settings).model_dump(mode="json")
        env = {key.upper(): str(value) for key, value in own.items()}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (str(_IN_EVERY_PART), os.environ.get("PYTHONPATH"))))
        program = ("-m", "scripts.cli")
        if sabotage:
            program, env["SABOTAGE"] = ("-P", str(_SABOTAGED)), json.dumps(sabotage)
        for name in names:
            assert name not in self.parts, f"{name} runs already"
            command = (sys.executable, *program, name.split("-", 1)[0], *arguments)
            if sabotage:
                self._sabotaged.add(name)
            self.parts[name] = await Child.start(command, env=env, output=sys.stderr.fileno())

    async def kill(self, name: str, number: signal.Signals = signal.SIGKILL, *, group: bool = False) -> int:
        """Send a signal to a part, or to its whole process group, and wait for the end; the exit code."""
        part = self.parts[name]
        if not part.ended.done():
            (os.killpg if group else os.kill)(part.pid, number)
        return await self.ended(name)

    async def ended(self, name: str, seconds: float = 60) -> int:
        """Wait until a part has ended by itself; the exit code. One that does not end says what it is waiting for."""
        try:
            async with asyncio.timeout(seconds):
                code = await self.parts[name].wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.parts[name].pid, signal.SIGUSR2)
            await asyncio.sleep(_SAY_SECONDS)
            raise
        del self.parts[name]
        self._sabotaged.discard(name)
        return code

    async def restart(self, name: str) -> None:
        """Kill a part and start it again, as the supervisor does."""
        await self.kill(name)
        await self.start(name)

    async def whole(self) -> None:
        """Start what is missing, end what is too much or sabotaged, and wait until the API can serve."""
        for name, part in list(self.parts.items()):
            if name not in EVERY_PART or name in self._sabotaged or part.ended.done():
                await self.kill(name)
        await self.start(*(name for name in EVERY_PART if name not in self.parts))
        await self.ready()

    async def ready(self, url: str = "", status: int = 200, seconds: float = _READY_SECONDS) -> None:
        """Return when the API says that it can serve, or with another status that it cannot."""
        async with open_client(url or self.url, seconds=5) as client, asyncio.timeout(seconds):
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get("/health/ready")).status_code == status:
                        return
                await asyncio.sleep(0.02)

    async def dispatched(self, seconds: float = 30) -> None:
        """Return when the dispatcher has enqueued the leads of every event."""
        async with asyncio.timeout(seconds):
            while await self._undispatched():
                await asyncio.sleep(0.05)

    async def _undispatched(self) -> int:
        log = self.truth.capture.log
        cursor = await self.truth.store.checkpoints.cursor(CHECKPOINT, log.partitions)
        return cursor.events_until(await log.end())

    async def check(self, *, within: float, but: Collection[str] = ()) -> float:
        """Everything sent is acknowledged and applied in time, and no promise is broken.

        Returns after how many seconds everything was applied. Leads in `but` may stay behind.
        """
        assert not self.ledger.unanswered
        seconds = await everything_applied(self.truth, within, but=but)
        assert await faults_of(self.truth, self.ledger, but=but) == []
        assert self.watcher.faults == []
        assert self.watcher.looks > 0
        return seconds

    async def faults(self, *, within: float) -> list[str]:
        """For controls: what a check finds, with what is still open after so many seconds."""
        faults = []
        try:
            await everything_applied(self.truth, within)
        except AssertionError as error:
            faults.append(str(error))
        return faults + await faults_of(self.truth, self.ledger) + self.watcher.faults

    async def stop(self) -> None:
        """Kill what still runs."""
        await asyncio.gather(*(self.kill(name) for name in list(self.parts)))


@contextlib.asynccontextmanager
async def open_engine(settings, *, keep: bool = False) -> AsyncIterator[Engine]:
    """An engine of which no part runs yet, on a database that is dropped at the end unless it is to be kept."""
    async with open_runtime(settings) as truth:
        await create_schema(truth.store.database)
        async with watching(settings) as watcher:
            engine = Engine(settings, truth, watcher)
            engine.let_in((await create_key(truth, ENGINE, "tests", SCOPES)).token.text)
            try:
                yield engine
            finally:
                await engine.stop()
        if not keep:
            await truth.store.client.drop_database(settings.mongodb_database)
