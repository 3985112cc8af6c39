"""The workbench that all questions share: services, sizes, databases and progress messages."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import count

from msgspec import Struct

from domain.instant import Millis
from engine.operations.audit_log import ENGINE
from engine.process import clock
from engine.rulebooks.library import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from engine.store.mongo import Document, connect
from scripts.bench.load.http_connection import show_key
from scripts.bench.processes.engine_process import EngineUnderTest, free_port
from scripts.bench.processes.services import Services
from scripts.bench.report.figures import Row
from scripts.bench.rounds import Measure, interleave
from workflows.access.keys import create_key
from workflows.rulebooks.activate import apply_rulebook_setting

__all__ = ["LargeState", "Question", "Workbench"]


class Workbench:
    """The place where a question is measured."""

    def __init__(self, services: Services, *, quick: bool, say: Callable[[str], None]) -> None:
        self.services = services
        self.quick = quick
        self.say = say
        self.sustained: float | None = None
        """Events per second, end to end, once they have been measured."""
        self.large: LargeState | None = None
        """A large state, once a question has needed it."""
        self._names = count(1)
        self._key: Document | None = None

    def size(self, full: int, quick: int) -> int:
        """The size for this run."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        """How many times a figure is measured."""
        return self.size(5, 3)

    async def interleave(
        self, measures: Mapping[str, Measure], rounds: int | None = None, *, warm_up: bool = True
    ) -> dict[str, tuple[float, ...]]:
        """Samples of each measure, taken in turn."""
        return await interleave(rounds or self.rounds, measures, self.say, warm_up=warm_up)

    @contextlib.asynccontextmanager
    async def engine(self, *parts: str) -> AsyncIterator[tuple[EngineUnderTest, Runtime]]:
        """Some parts of an engine on a fresh database, and a runtime that observes it; both are removed afterwards."""
        async with self.engine_on(self.settings(), *parts) as (engine, runtime):
            yield engine, runtime
        await self._drop(engine.settings)

    @contextlib.asynccontextmanager
    async def engine_on(
        self, settings: Settings, *parts: str
    ) -> AsyncIterator[tuple[EngineUnderTest, Runtime]]:
        """Some parts of an engine on a database that stays."""
        engine = EngineUnderTest(settings, self.services.folder)
        async with open_runtime(settings) as runtime:
            await self._set_up(runtime)
            try:
                await engine.start(*parts)
                yield engine, runtime
                engine.verify_running()
            finally:
                await engine.stop()

    @contextlib.asynccontextmanager
    async def store(
        self, now: Callable[[], Millis] = clock.now, settings: Mapping[str, object] | None = None
    ) -> AsyncIterator[Runtime]:
        """A runtime on a fresh database without any process, with these settings; the database is removed afterwards."""
        chosen = self.settings().model_copy(update=dict(settings or {}))
        async with open_runtime(chosen, now=now) as runtime:
            await self._set_up(runtime)
            yield runtime
        await self._drop(chosen)

    async def _set_up(self, runtime: Runtime) -> None:
        """The work of `lead-engine setup`. All databases share one API key, because requests are encoded before them."""
        await create_schema(runtime.store.database)
        await apply_rulebook_setting(runtime, ENGINE, load_rulebook(runtime.settings.rulebook))
        keys = runtime.store.database["apiKeys"]
        if self._key is None:
            issued = await create_key(runtime, ENGINE, "bench", ("ingest", "read"))
            show_key(issued.token.text)
            self._key = await keys.find_one({"_id": issued.key.key_id})
        else:
            await keys.replace_one({"_id": self._key["_id"]}, self._key, upsert=True)

    async def _drop(self, settings: Settings) -> None:
        async with connect(settings.mongodb_uri) as client:
            await client.drop_database(settings.mongodb_database)

    def settings(self) -> Settings:
        """The engine's defaults, on our services and a database of its own."""
        return Settings(
            _env_file=None,
            port=free_port(),
            mongodb_uri=self.services.mongod.uri,
            redis_url=self.services.valkey.uri,
            mongodb_database=f"bench_{next(self._names)}",
            log_level="WARNING",
            rate_limit=1_000_000,  # what is measured is the engine, not its brake
        )


class LargeState(Struct, frozen=True):
    """A small database made by the engine, and a large one that holds its leads many times over.

    `leads` are those of the small one; `events` says how many the large one began with.
    """

    small: Settings
    large: Settings
    leads: list[str]
    times: int
    events: int


class Question(Struct, frozen=True):
    """A subject to be measured. `name` is what --only takes, `numbers` those of its rows in the table."""

    name: str
    asks: str
    answer: Callable[[Workbench], Awaitable[list[Row]]]
    numbers: tuple[int, ...] = ()
