"""What is measured of a store at one size: lists, queue, intelligence, replay, disk and memory."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from random import Random

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_settled
from scripts.bench.load.http_connection import Connection
from scripts.bench.million.journal import Journal, SizeFigures
from scripts.bench.processes.engine_process import EngineUnderTest
from scripts.bench.processes.memory_watch import MemoryWatch
from scripts.bench.processes.process_figures import rss_mb
from scripts.bench.questions.screens import QUEUES, p95
from scripts.bench.workbench import Workbench
from scripts.cli.passes.replay_processes import ReplayTask, replay_in_processes

__all__ = ["measure_size"]

_READS = 50
_LOOK_SECONDS, _SAY_SECONDS = 0.5, 15.0
_LEADS = 200
_COLLECTIONS = ("events", "scoreHistory", "leads")


async def measure_size(
    journal: Journal,
    engine: EngineUnderTest,
    runtime: Runtime,
    bench: Workbench,
    lists: Sequence[str],
) -> SizeFigures:
    """All figures at the size that the store has now. Raises `WrongResult` if a replay finds drift."""
    leads = len(journal.blocks) * journal.block_leads
    bench.say(f"measuring at {leads:,} leads: lists, queue, intelligence")
    await until_settled(runtime, since=max(1, journal.position - journal.block_events))
    memory = {
        name: rss_mb(pid) or 0.0
        for name, pid in (*engine.pids.items(), ("MongoDB", bench.services.mongod.pid))
    }
    random = Random(7)
    some = [
        f"/api/leads/{random.randrange(len(journal.blocks)):05}-demo-{number:03}/intelligence"
        for number in random.choices(range(1, journal.block_leads + 1), k=_LEADS)
    ]
    with closing(await Connection.open(engine.settings.host, engine.settings.port)) as connection:
        for path in (*lists, *QUEUES, *some[:10]):
            await p95(connection, [path], 1)
        by_list = {path: await p95(connection, [path], _READS) for path in lists}
        queue = await p95(connection, QUEUES, _READS)
        intelligence = await p95(connection, some, 1)
    speed, peak, events = await _replay(runtime, leads, bench.say)
    return SizeFigures(
        leads=leads,
        events=events,
        lists=by_list,
        queue=queue,
        intelligence=intelligence,
        replay=speed,
        replay_memory=peak,
        disk=await _disk(runtime),
        memory=memory,
    )


async def _replay(runtime: Runtime, leads: int, say: Callable[[str], None]) -> tuple[float, float, int]:
    """Events per second of `replay --verify`, the most memory it had in MB, and its events."""
    say("replay --verify")
    began = looked = told = 0.0
    watch = MemoryWatch({})

    def start() -> None:
        nonlocal began, watch
        began = time.monotonic()
        (process,) = multiprocessing.active_children()
        watch = MemoryWatch({"replay": process.pid or 0})
        watch.look()

    def look(done: int) -> None:
        nonlocal looked, told
        now = time.monotonic()
        if now >= looked + _LOOK_SECONDS:
            looked = now
            watch.look()
        if now >= told + _SAY_SECONDS:
            told = now
            say(f"replay --verify: {done:,} of {leads:,} leads")

    task = ReplayTask(runtime.settings, "verify")
    report = await replay_in_processes(task, 1, on_start=start, on_progress=look)
    seconds = time.monotonic() - began
    verify(not report.drifted and not report.failed, f"leads have drifted: {report.drifted[:5]}")
    verify(report.leads == leads, f"{report.leads} of {leads} leads were replayed")
    return report.events / seconds, watch.highest("replay"), report.events


async def _disk(runtime: Runtime) -> dict[str, int]:
    """Bytes on disk with indexes, of all and of the largest collections."""
    database = runtime.store.database
    await runtime.store.client.admin.command("fsync")
    stats = await database.command("dbStats")
    found = {"all": int(stats["storageSize"] + stats["indexSize"])}
    for name in _COLLECTIONS:
        one = await database.command("collStats", name)
        found[name] = int(one["storageSize"] + one["totalIndexSize"])
    return found
