"""How much memory the parts need after many events, and whether it grows with them."""

from __future__ import annotations

import asyncio
import time

from msgspec.structs import replace

from scripts.bench.checks import verify
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan, blocks_of_passes
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.processes.engine_process import ALL_PARTS, last_lines, start_command
from scripts.bench.processes.memory_watch import watch_memory
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.state.large_state import large_state
from scripts.bench.workbench import Question, Workbench

__all__ = ["MEMORY"]

_REACH, _AIM = below(200), below(120)
_EARLY = 1 / 3
"""The part of the time after which a process counts as warm: what it needs later is growth."""
_STOP_SECONDS = 10


async def _answer(bench: Workbench) -> list[Row]:
    return [*await _parts(bench), await _replay(bench)]


async def _parts(bench: Workbench) -> list[Row]:
    """The memory of each part while the engine works through one pass after the other."""
    size, seconds = bench.size(20_000, 5_000), bench.size(45, 6)
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        plan = Plan(
            port=engine.settings.port,
            connections=CONNECTIONS,
            requests=requests_of(sent_week(LEADS, size), BATCH),
        )
        passes, events, deadline = blocks_of_passes(), 0, time.monotonic() + seconds
        async with watch_memory(engine.pids) as watch:
            while time.monotonic() < deadline:
                bench.say(f"after {events:,} events: {watch.total_at(1):.0f} MB")
                await apply_pass(runtime, replace(plan, first_pass=next(passes)), size)
                events += size
    return [
        Row(
            question=13,
            name=f"memory of the {part} after {events:,} events",
            measured=Figure("MB", (watch.at(1, part),)),
            baseline=Figure("MB", (watch.at(_EARLY, part),)),
            baseline_name=f"after {_EARLY:.0%} of them",
            judged="measured",
            reach=_REACH,
            aim=_AIM,
            note=f"end to end, {LEADS:,} new leads every {size:,} events",
        )
        for part in ALL_PARTS
    ]


async def _replay(bench: Workbench) -> Row:
    """`replay --verify` over the large state, to its end or for as long as there is time."""
    state = await large_state(bench)
    seconds, log = bench.size(75, 10), bench.services.folder / "replay.log"
    log.touch()
    command = await start_command(state.large, log, "replay", "--verify")
    started = time.monotonic()
    bench.say(f"verifying {state.events:,} events")
    async with watch_memory({"replay": command.pid}) as watch:
        await asyncio.wait({command.ended}, timeout=seconds)
    taken = time.monotonic() - started
    if command.ended.done():
        said = last_lines(log)
        verify(command.ended.result() == 0 and "\n0 drifted" in said, f"replay --verify found: {said}")
        result = f"0 drifted, in {taken:.0f} s"
    else:
        await command.stop(_STOP_SECONDS)
        result = f"not finished, stopped after {taken:.0f} s"
    return Row(
        question=13,
        name=f"memory of `replay --verify` over {state.events:,} events",
        measured=Figure("MB", (watch.highest("replay"),)),
        baseline=Figure("MB", (watch.at(_EARLY, "replay"),)),
        baseline_name=f"after {_EARLY:.0%} of the time",
        judged="measured",
        reach=_REACH,
        aim=_AIM,
        note=f"the most it had; {result}",
    )


MEMORY = Question("memory", "How much memory do the parts need, and does it grow?", _answer, (13,))
