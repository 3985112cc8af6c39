"""A replica set of three, a Valkey and a whole engine, all to be killed by pid."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

import pytest

from engine.local.valkey import start_valkey
from engine.settings import Settings
from tests.faults.harness.engine import Engine, open_engine
from tests.faults.harness.figures import FIGURES
from tests.faults.harness.replica_set import open_replica_set
from tests.ports import free_port

_names = itertools.count(1)
_failed = pytest.StashKey[bool]()

SHORT_WAITS = {
    "lease_seconds": 2.0,
    "reconcile_seconds": 1.0,
    "worker_heartbeat_seconds": 2,
    "execution_lease_seconds": 3.0,
}


@pytest.fixture
def seed() -> int:
    """What chance begins with: printed, and the same again with FAULT_SEED; 1 where nothing is said, for luck must not decide."""
    number = int(os.environ.get("FAULT_SEED") or 1)
    print(f"FAULT_SEED={number} repeats this")
    return number


@pytest.fixture(scope="session")
async def replica_set(server_folder):
    """Three members for all tests; whoever hurts one may leave it so, the next test begins with a whole set."""
    async with open_replica_set(server_folder("replica-set")) as opened:
        yield opened


@pytest.fixture(scope="session")
async def valkey(server_folder):
    """A Valkey of our own, since we kill it."""
    server = await start_valkey(server_folder("valkey"))
    yield server
    await server.stop()


@pytest.fixture(scope="session")
def new_settings(replica_set, valkey):
    """Settings for a database of its own: `new_settings(lease_seconds=2)`."""

    def new_settings(**different: object) -> Settings:
        return Settings(
            _env_file=None,
            **{
                "rulebook": "classic",
                "mongodb_uri": replica_set.uri,
                "redis_url": valkey.uri,
                "mongodb_database": f"faults_{os.getpid()}_{next(_names)}",
                "port": free_port(),
                "log_level": "WARNING",
                **different,
            },
        )

    return new_settings


@pytest.fixture
def new_engine(new_settings, replica_set):
    """Opens an engine of its own, no part of which runs yet: `async with new_engine() as engine`."""

    @contextlib.asynccontextmanager
    async def new_engine(**different: object):
        await replica_set.whole()
        async with open_engine(new_settings(**{**SHORT_WAITS, **different})) as engine:
            yield engine

    return new_engine


class Shared:
    """One engine for many tests, renewed after a failure."""

    def __init__(self, new_settings) -> None:
        self._new_settings = new_settings
        self._stack = contextlib.AsyncExitStack()
        self._engine: Engine | None = None

    async def engine(self) -> Engine:
        if self._engine is None:
            settings = self._new_settings(**SHORT_WAITS)
            self._engine = await self._stack.enter_async_context(open_engine(settings))
        return self._engine

    async def close(self) -> None:
        self._engine = None
        await self._stack.aclose()


@pytest.fixture(scope="session")
async def shared(new_settings):
    shared = Shared(new_settings)
    yield shared
    await shared.close()


@pytest.fixture
async def engine(request, shared, replica_set) -> Engine:
    """A whole engine with two workers and short leases, which has been through the tests before this one."""
    await replica_set.whole()
    engine = await shared.engine()
    await engine.whole()
    yield engine
    if request.node.stash.get(_failed, True):
        await shared.close()


def pytest_collection_modifyitems(items):
    """Rollbacks come first: MongoDB takes a minute and more for one once other tests have made a hundred tables."""
    places = [number for number, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ours = sorted((items[number] for number in places), key=lambda item: item.path.name != "test_rollback.py")
    for number, item in zip(places, ours, strict=True):
        items[number] = item


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if call.when == "call":
        item.stash[_failed] = report.failed
        report.user_properties += FIGURES
        FIGURES.clear()
    return report
