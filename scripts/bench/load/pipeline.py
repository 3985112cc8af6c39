"""Events through the whole engine, and the load that it sustains."""

from __future__ import annotations

from engine.runtime import Runtime
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_applied
from scripts.bench.load.plan import Plan, send
from scripts.bench.workbench import Workbench

__all__ = ["BATCH", "CONNECTIONS", "LEADS", "apply_pass", "sustained"]

LEADS = 2_000
BATCH = 100
CONNECTIONS = 16


async def apply_pass(runtime: Runtime, plan: Plan, events: int) -> float:
    """Events per second, from the first request until every lead has applied its last event; all must be accepted."""
    first = await runtime.capture.log.last_position() + 1
    outcome = (await send(plan)).verify_all(202)
    verify(outcome.accepted_events == events, f"{outcome.accepted_events} of {events} events were accepted")
    done = await until_applied(runtime, first, await runtime.capture.log.last_position())
    return events / (done - outcome.began)


async def sustained(bench: Workbench, runtime: Runtime, plan: Plan, events: int) -> float:
    """Events per second that the engine sustains end to end; measured once per run."""
    if bench.sustained is None:
        bench.say("measuring what it sustains")
        bench.sustained = await apply_pass(runtime, plan, events)
    return bench.sustained
