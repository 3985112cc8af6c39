"""Real MongoDB and Valkey for all tests, started once per process; an empty database for each test that asks for one."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as settings_of_hypothesis

from engine.local.mongod import start_mongod
from engine.local.valkey import start_valkey
from engine.queue.work_queue import WorkQueue
from engine.runtime import open_runtime
from engine.schema import create_schema
from engine.settings import Settings
from engine.work.attempt import attempt
from tests.clock import Clock
from tests.databases import Databases
from tests.server_folders import folder_in_memory
from tests.sharing import FileScheduling, rank
from tests.webhook_receiver import open_receiver
from workflows.work.kinds import work_kinds

# What decides whether something lands depends neither on luck nor on how busy a machine is: the examples are the same
# in each run, and none has a time limit. `make faults` looks for new ones.
for name, derandomize in (("same-examples", True), ("new-examples", False)):
    settings_of_hypothesis.register_profile(
        name, derandomize=derandomize, deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
settings_of_hypothesis.load_profile("same-examples")


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: rank(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    config.option.loadscopereorder = False  # `rank` has put them in order
    return FileScheduling(config, log)


def pytest_terminal_summary(terminalreporter):
    reports = [report for some in terminalreporter.stats.values() for report in some]
    figures = [figure for report in reports for figure in getattr(report, "user_properties", ())]
    if figures:
        terminalreporter.section("measured under faults")
        for name, figure in figures:
            terminalreporter.write_line(f"{figure:>12}  {name}")


# Tests set their own clock, mostly to a noon that is past: MongoDB, by its own, would delete claims and snoozes under them.
SERVER_PARAMETERS = ("--setParameter", "enableTestCommands=1", "--setParameter", "ttlMonitorEnabled=false")


class RecordingQueue(WorkQueue):
    """A work queue that sends nothing and keeps what it was given. `quiet` says that no message waits."""

    def __init__(self) -> None:
        self.leads: list[str] = []
        self.due: list[str] = []
        self.quiet = True

    async def enqueue_leads(self, lead_ids: Iterable[str]) -> None:
        self.leads += lead_ids

    async def enqueue_due(self, kind: str) -> None:
        self.due.append(kind)

    async def waiting_messages(self, queue: str) -> int:
        return 0 if self.quiet else 100

    async def answers(self) -> bool:
        return True


@pytest.fixture(scope="session")
def server_folder(tmp_path_factory) -> Iterator[Callable[[str], Path]]:
    """Makes folders for the data of servers: `server_folder("mongod")`."""
    with folder_in_memory() as root:
        if root is None:
            yield tmp_path_factory.mktemp
        else:
            yield lambda name: Path(tempfile.mkdtemp(dir=root, prefix=f"{name}-"))


@pytest.fixture(scope="session")
async def services(server_folder):
    """The addresses of a real MongoDB replica set and a real Valkey."""
    folder = server_folder("services")
    async with contextlib.AsyncExitStack() as stack:
        mongod = await start_mongod(folder, extra=SERVER_PARAMETERS)
        stack.push_async_callback(mongod.stop)
        valkey = await start_valkey(folder)
        stack.push_async_callback(valkey.stop)
        yield mongod.uri, valkey.uri


@pytest.fixture(scope="session")
async def databases(services):
    """The databases of this test process."""
    opened = Databases(*services)
    yield opened
    await opened.close()


@pytest.fixture
async def settings(services, databases, tmp_path):
    """Settings for an empty database of the test's own."""
    mongodb_uri, redis_url = services
    async with databases.borrowed() as name:
        yield Settings(
            _env_file=None,
            rulebook="classic",  # whole numbers that a reader can check; tests of `standard` say so
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            mongodb_database=name,
            outbox_dir=str(tmp_path / "outbox"),
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def runtime(settings, databases, clock):
    """An open runtime on an empty database, with a clock in the test's hands and a work queue that sends nothing."""
    async with open_runtime(settings, work_queue=RecordingQueue(), now=clock) as opened:
        if not databases.is_set_up(settings.mongodb_database):  # to find that nothing is missing takes 50 ms
            await create_schema(opened.store.database)
        yield opened


@pytest.fixture
def attempt_unit(runtime):
    """Make one attempt of a unit of due work, in this task, if it is due: `await attempt_unit(id)`; whether it was."""

    async def attempt_unit(unit_id: str) -> bool:
        claimed = False
        for kind in work_kinds(runtime):
            for unit in await kind.store.claim([unit_id], runtime.now(), kind.policy.lease):
                claimed = True
                await attempt(kind, unit, runtime.now)
        return claimed

    return attempt_unit


@pytest.fixture
def tamper(runtime):
    """Falsifies what is stored of leads: `await tamper("activities", 99, lead_id="ada")`; without an id, of all."""
    return partial(tampered, runtime.store.database)


async def tampered(database, path: str, value: object, lead_id: str | None = None) -> None:
    """Set one place within the stored states, such as `reading.stage`."""
    *steps, last = path.split(".")
    async for doc in database["leads"].find({} if lead_id is None else {"_id": lead_id}):
        state = json.loads(doc["state"])
        place = state
        for step in steps:
            place = place[step]
        assert place[last] != value
        place[last] = value
        await database["leads"].update_one({"_id": doc["_id"]}, {"$set": {"state": json.dumps(state)}})


@pytest.fixture
async def receiver():
    """A receiver of webhooks on this machine."""
    async with open_receiver() as opened:
        yield opened
