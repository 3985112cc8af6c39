"""The machine, the versions and the settings that figures belong to."""

from __future__ import annotations

import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

from msgspec import Struct

from engine.settings import Settings
from engine.store.mongo import connect
from scripts.bench.processes.services import Services

__all__ = ["Machine", "describe_machine", "words"]

_PACKAGES = ("pymongo", "litestar", "msgspec", "dramatiq", "pydantic", "uvicorn", "uvloop", "redis")
_SYNCS = 50
_GIB = 1024**3
_PRIVATE = {"mongodb_uri", "redis_url", "mongodb_database", "data_dir", "host", "port"}


class Machine(Struct, frozen=True, rename="camel"):
    """Everything a figure depends on besides the program.

    `sync_ms` is how long a small write takes to be on disk, `others` the part of the processors that other programs
    used during the run: the higher it is, the less the figures say.
    """

    processor: str
    cores: int
    memory_gib: float
    sync_ms: float
    others: float
    system: str
    versions: dict[str, str]
    settings: dict[str, str]


async def describe_machine(services: Services, settings: Settings) -> Machine:
    """Describe the machine before anything is measured; the load of others is not known yet."""
    async with connect(services.mongod.uri) as client:
        mongod = (await client.server_info())["version"]
    return Machine(
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / _GIB, 1),
        sync_ms=round(_sync_ms(services.folder), 2),
        others=0.0,
        system=f"{platform.system()} {platform.release()}",
        versions={
            "python": platform.python_version(),
            "mongod": mongod,
            **{name: version(name) for name in _PACKAGES},
        },
        settings={name: str(value) for name, value in settings.model_dump().items() if name not in _PRIVATE},
    )


def words(machine: Machine) -> str:
    """The machine in three lines."""
    settings = machine.settings
    return (
        f"{machine.processor}, {machine.cores} cores, {machine.memory_gib} GiB, {machine.system}, "
        f"a write is on disk after {machine.sync_ms} ms; others used {machine.others:.0%} of it meanwhile\n"
        + ", ".join(f"{name} {number}" for name, number in machine.versions.items())
        + f"\nrulebook {settings['rulebook']}, {settings['worker_processes']} worker with "
        f"{settings['worker_threads']} threads, group commits of {settings['append_batch_events']} events or "
        f"{settings['append_linger_ms']} ms, {settings['fold_batch_leads']} leads a transaction; "
        "embedded MongoDB (one member) and Valkey on the same machine"
    )


def _processor() -> str:
    """The name of the processor, from /proc where there is one."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text(encoding="utf-8").splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _sync_ms(folder: Path) -> float:
    """The median of a few small writes with fsync."""
    taken = []
    with (folder / "sync").open("wb", buffering=0) as file:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            file.write(b"x" * 4096)
            os.fsync(file.fileno())
            taken.append(time.perf_counter() - started)
    return 1000 * median(taken)
