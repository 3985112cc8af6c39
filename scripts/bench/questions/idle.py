"""The cost of an idle engine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

from scripts.bench.load.applied import until_settled
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.processes.process_figures import cpu_seconds
from scripts.bench.report.figures import Figure, Row, below
from scripts.bench.state.fixtures import store_week
from scripts.bench.workbench import Question, Workbench

__all__ = ["IDLE"]

_LEADS = 500
_CALM_SECONDS = 12
"""The reconciler comes round every ten seconds, and has then seen that all is applied."""
_WINDOW_SECONDS = 10


async def _answer(bench: Workbench) -> list[Row]:
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        await store_week(runtime, _LEADS)
        await until_settled(runtime)
        bench.say("letting it calm down")
        await asyncio.sleep(_CALM_SECONDS)
        parts = engine.pids
        watched = {**parts, "MongoDB": bench.services.mongod.pid, "Valkey": bench.services.valkey.pid}
        windows = []
        for number in range(bench.size(3, 1)):
            bench.say(f"nothing happens, {_WINDOW_SECONDS} s, for the {number + 1}. time")
            windows.append(await _percent_of_a_core(watched))
    shares = {name: Figure("%", tuple(window[name] for window in windows)) for name in watched}
    ours = Figure("%", tuple(sum(window[part] for part in parts) for window in windows))
    return [
        Row(
            question=14,
            name="processor time of the idle engine, all parts",
            measured=ours,
            reach=below(3),
            note="of one core; " + ", ".join(f"{part} {shares[part].median:.2f} %" for part in parts),
        ),
        *(
            Row(
                question=14,
                name=f"processor time of {name} meanwhile",
                measured=shares[name],
                note="of one core",
            )
            for name in ("MongoDB", "Valkey")
        ),
    ]


async def _percent_of_a_core(pids: Mapping[str, int]) -> dict[str, float]:
    """The processor time of each process during a sleep, in percent of a core."""
    before = {name: cpu_seconds([pid]) for name, pid in pids.items()}
    started = time.monotonic()
    await asyncio.sleep(_WINDOW_SECONDS)
    seconds = time.monotonic() - started
    return {name: 100 * (cpu_seconds([pid]) - before[name]) / seconds for name, pid in pids.items()}


IDLE = Question("idle", "What does the engine cost when nothing happens?", _answer, (14,))
