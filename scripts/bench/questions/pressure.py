"""Overload at four times the sustained rate: memory, refusals, latency, and the time to drain the backlog."""

from __future__ import annotations

from msgspec.structs import replace

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_applied
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, sustained
from scripts.bench.load.plan import Outcome, Plan, blocks_of_passes, send
from scripts.bench.load.workload import live, requests_of
from scripts.bench.processes.engine_process import ALL_PARTS
from scripts.bench.processes.memory_watch import MemoryWatch, watch_memory
from scripts.bench.report.figures import Figure, Row, at_least, below, percentile
from scripts.bench.workbench import Question, Workbench

__all__ = ["PRESSURE"]

_TIMES = 4
_CONNECTIONS = 512
"""So many that requests come whether or not earlier ones are answered, and together exceed every queue."""
_EARLY = 1 / 3
_ANSWERS = {202, 429, 503}


async def _answer(bench: Workbench) -> list[Row]:
    seconds, events = bench.size(60, 10), bench.size(20_000, 5_000)
    passes = blocks_of_passes()
    async with bench.engine(*ALL_PARTS) as (engine, runtime):
        plan = Plan(
            port=engine.settings.port,
            connections=CONNECTIONS,
            requests=requests_of(live(LEADS, events), BATCH),
            first_pass=next(passes),
        )
        offered = _TIMES * await sustained(bench, runtime, plan, events)
        first = await runtime.capture.log.last_position() + 1
        bench.say(f"{offered:,.0f} events/s for {seconds} s")
        async with watch_memory(engine.pids) as watch:
            outcome = await send(
                replace(
                    plan,
                    connections=_CONNECTIONS,
                    per_second=offered / BATCH,
                    seconds=seconds,
                    first_pass=next(passes),
                )
            )
        drained = await _drain(bench, runtime, first, outcome)
    return _rows(offered, outcome, watch, drained)


async def _drain(bench: Workbench, runtime: Runtime, first: int, outcome: Outcome) -> float:
    """Seconds from the last answer until every accepted event was applied."""
    verify(set(outcome.statuses) <= _ANSWERS, f"answers under pressure were {outcome.statuses}")
    last = await runtime.capture.log.last_position()
    stored = await runtime.store.database["events"].count_documents(
        {"_id": {"$gte": first}, "source": "demo"}
    )
    verify(stored == outcome.accepted_events, f"{outcome.accepted_events} accepted, {stored} stored")
    bench.say(f"{stored:,} events were accepted, waiting until they are applied")
    return max(await until_applied(runtime, first, last) - outcome.ended, 0.0)


def _rows(offered: float, outcome: Outcome, watch: MemoryWatch, drained: float) -> list[Row]:
    refused = sum(count for status, count in outcome.statuses.items() if status != 202)  # noqa: PLR2004
    polite = refused - outcome.refused_without_retry_after
    note = f"{offered:,.0f} events/s offered for {outcome.elapsed:.0f} s, {_TIMES} times what is sustained"
    return [
        Row(
            question=15,
            name="p99 of accepted requests under pressure",
            measured=Figure("ms", (1000 * percentile(outcome.seconds, 99),)),
            reach=below(1_000),
            note=f"{note}; {outcome.accepted_events:,} events accepted",
        ),
        Row(
            question=15,
            name="refused requests that say when to come back",
            measured=Figure("%", (100 * polite / refused if refused else 100.0,)),
            reach=at_least(100),
            note=f"{refused:,} of {outcome.requests:,} requests were refused",
        ),
        Row(
            question=15,
            name="memory of all parts at the end of it",
            measured=Figure("MB", (watch.total_at(1),)),
            baseline=Figure("MB", (watch.total_at(_EARLY),)),
            baseline_name=f"after {_EARLY:.0%} of the time",
            reach=below(1.1),
        ),
        Row(
            question=15,
            name="backlog drained after",
            measured=Figure("s", (drained,)),
            note="from the last answer until every accepted event was applied",
        ),
    ]


PRESSURE = Question(
    "pressure", "What happens at four times the load that the engine sustains?", _answer, (15,)
)
