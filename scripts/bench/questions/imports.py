"""An import of a million rows, killed half-way and started again: rows per second, and whether its memory grows."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.processes.engine_process import last_lines, start_command
from scripts.bench.processes.memory_watch import MemoryWatch, watch_memory
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.workbench import Question, Workbench

__all__ = ["IMPORTS"]

_POLL_SECONDS = 0.1
_EARLY = 1 / 2
_MAPPING = """
source: bench
leadId: "row-{Id}"
events:
  - type: signup
    eventId: "import:{Id}"
    occurredAt: {column: At}
    properties: {email: E-Mail, company: Company, seats: {column: Seats, type: number}}
"""


class _Run(NamedTuple):
    """One run of the command: its seconds, those of processors, its memory, its exit code and the end of its output.

    Processor time is that of the command and of MongoDB.
    """

    seconds: float
    processor: float
    memory: MemoryWatch
    code: int
    said: str


async def _answer(bench: Workbench) -> list[Row]:
    rows = bench.size(1_000_000, 100_000)
    file = bench.services.folder / "leads.csv"
    bench.say(f"writing a file of {rows:,} rows")
    _write(file, rows)
    async with bench.store() as runtime:
        killed = await _run(bench, runtime, file, kill_at=rows // 2)
        stored = await runtime.capture.log.count()
        verify(killed.code < 0 and 0 < stored < rows, f"it was not killed: {killed.said}")
        rest = await _run(bench, runtime, file)
        verify(rest.code == 0 and "by an earlier run" in rest.said, f"it did not go on: {rest.said}")
        found = await runtime.capture.log.count()
        verify(found == rows, f"{found} events are stored instead of {rows}")
    return [
        Row(
            question=30,
            name=f"import of {rows:,} rows",
            measured=Figure("rows/s", (rows / (killed.seconds + rest.seconds),)),
            note=f"a CSV file of one new lead per row, an encrypted field in each; killed after {stored:,} rows and started again: "
            "every row stored once",
        ),
        Row(
            question=30,
            name="processor time per row, the command and MongoDB",
            measured=Figure("µs", (1_000_000 * (killed.processor + rest.processor) / rows,)),
        ),
        Row(
            question=30,
            name="most memory of it",
            measured=Figure("MB", (max(killed.memory.highest("import"), rest.memory.highest("import")),)),
            baseline=Figure("MB", (killed.memory.at(_EARLY, "import"),)),
            baseline_name=f"after {_EARLY:.0%} of the first run",
            reach=below(1.1),
        ),
    ]


def _write(file: Path, rows: int) -> None:
    """A file in which nothing is at fault."""
    start = datetime.now(UTC) - timedelta(days=90)
    step = timedelta(days=89) / rows
    file.with_suffix(".yaml").write_text(_MAPPING, encoding="utf-8")
    with file.open("w", encoding="utf-8") as opened:
        opened.write("Id,E-Mail,Company,Seats,At\n")
        for number in range(rows):
            at = start + step * number
            opened.write(
                f"{number},person{number}@company{number % 9_999}.example,Company {number % 9_999},"
                f"{number % 500},{at:%Y-%m-%dT%H:%M:%SZ}\n"
            )


async def _run(bench: Workbench, runtime: Runtime, file: Path, kill_at: int | None = None) -> _Run:
    """`lead-engine import` to its end, or until so many events are stored."""
    log = file.with_suffix(f".{'killed' if kill_at else 'rest'}.log")
    mongod = bench.services.mongod.pid
    started, before = time.monotonic(), cpu_seconds([mongod])
    words = ("import", str(file), "--map", str(file.with_suffix(".yaml")))
    command = await start_command(runtime.settings, log, *words)
    processor = 0.0
    async with watch_memory({"import": command.pid}) as watch:
        while not command.ended.done():
            await asyncio.wait({command.ended}, timeout=_POLL_SECONDS)
            processor = max(processor, cpu_seconds([command.pid, mongod]) - before)
            stored = await runtime.capture.log.last_position()
            bench.say(f"{stored:,} rows stored")
            if kill_at is not None and stored >= kill_at:
                command.kill()
                await command.wait()
    return _Run(time.monotonic() - started, processor, watch, await command.wait(), last_lines(log))


IMPORTS = Question("import", "How fast is a long import, and does it go on after a kill?", _answer, (30,))
