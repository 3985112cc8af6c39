"""What all questions share: the services, the sizes, and a way to say what is going on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from itertools import count

from msgspec import Struct

from engine.mongo import create_collections
from engine.rulebooks import load_rulebook
from engine.runtime import Runtime, open_runtime
from engine.settings import Settings
from scripts.bench.engine_under_test import EngineUnderTest, free_port
from scripts.bench.figures import Row
from scripts.bench.rounds import Measure, interleave
from scripts.bench.services import Services

__all__ = ["Question", "Workbench"]


class Workbench:
    """Where a question is measured."""

    def __init__(self, services: Services, *, quick: bool, say: Callable[[str], None]) -> None:
        self.services = services
        self.quick = quick
        self.say = say
        self.sustained: float | None = None
        """Events a second, end to end, once they have been measured."""
        self._names = count(1)

    async def close(self) -> None:
        """End what questions have left running for later ones."""

    def size(self, full: int, quick: int) -> int:
        """The one or the other, as the run is."""
        return quick if self.quick else full

    @property
    def rounds(self) -> int:
        """How many times a figure is measured."""
        return self.size(5, 3)

    async def interleave(
        self, measures: Mapping[str, Measure], rounds: int | None = None
    ) -> dict[str, tuple[float, ...]]:
        """Samples of each measure, taken in turn."""
        return await interleave(rounds or self.rounds, measures, self.say)

    @contextlib.asynccontextmanager
    async def engine(self, *parts: str, **settings: object) -> AsyncIterator[tuple[EngineUnderTest, Runtime]]:
        """Some parts of an engine on a fresh database, and a runtime that looks at it; both are gone afterwards."""
        chosen = self.settings(**settings)
        engine = EngineUnderTest(chosen, self.services.folder)
        async with open_runtime(chosen) as runtime:
            await create_collections(runtime.database)
            await runtime.rules.apply_setting(load_rulebook(chosen.rulebook))
            try:
                await engine.start(*parts)
                yield engine, runtime
                engine.verify_running()
            finally:
                await engine.stop()
                await runtime.client.drop_database(chosen.mongodb_database)

    def settings(self, **others: object) -> Settings:
        """The engine's defaults, on our services and a database of its own."""
        return Settings(
            _env_file=None,
            port=free_port(),
            mongodb_uri=self.services.mongod.uri,
            redis_url=self.services.valkey.uri,
            mongodb_database=f"bench_{next(self._names)}",
            log_level="WARNING",
        ).model_copy(update=others)


class Question(Struct, frozen=True):
    """Something to be measured. `name` is what --only takes."""

    name: str
    asks: str
    answer: Callable[[Workbench], Awaitable[list[Row]]]
