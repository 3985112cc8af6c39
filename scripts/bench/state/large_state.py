"""The large state that several questions share, with a verification of samples."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from engine.local.process import Child
from engine.settings import Settings
from scripts.bench.checks import verify
from scripts.bench.load.applied import until_settled
from scripts.bench.load.pipeline import BATCH, CONNECTIONS, LEADS, apply_pass
from scripts.bench.load.plan import Plan
from scripts.bench.load.workload import requests_of, sent_week
from scripts.bench.processes.engine_process import ALL_PARTS, last_lines, start_command
from scripts.bench.state.cloned_state import clone_leads, clone_name
from scripts.bench.workbench import LargeState, Workbench

__all__ = ["large_state", "verify_leads"]

_EVENTS = 20_000
_SAMPLE = 3


async def large_state(bench: Workbench) -> LargeState:
    """The large state, built when it is first asked for: 100 times 2,000 leads and 20,000 events, 10 times if quick."""
    if bench.large is None:
        bench.large = await _build(bench, bench.size(100, 10))
    return bench.large


async def _build(bench: Workbench, times: int) -> LargeState:
    small, large = bench.settings(), bench.settings()
    bench.say("building the small state through the engine")
    async with bench.engine_on(small, *ALL_PARTS) as (engine, runtime):
        requests = requests_of(sent_week(LEADS, _EVENTS), BATCH)
        plan = Plan(port=small.port, connections=CONNECTIONS, requests=requests)
        await apply_pass(runtime, plan, _EVENTS)
        await until_settled(runtime)
        await engine.stop()
        leads = [
            state.lead_id async for states in runtime.leads.states.scan(at_a_time=1000) for state in states
        ]
    bench.say(f"copying it {times} times inside MongoDB")
    events = await clone_leads(small, large, times)
    sample = Random(7).sample(leads, _SAMPLE)
    await verify_leads(bench, large, [clone_name(lead, times - 1) for lead in sample])
    return LargeState(small, large, leads, times, events)


async def verify_leads(bench: Workbench, settings: Settings, leads: Iterable[str]) -> None:
    """Raise `WrongResult` unless `lead-engine replay --verify` finds these leads as their events say."""
    for lead in leads:
        bench.say(f"verifying {lead}")
        log = bench.services.folder / "verify.log"
        command: Child = await start_command(settings, log, "replay", "--verify", "--lead", lead)
        code = await command.wait()
        said = last_lines(log)
        verify(code == 0 and "1 leads replayed" in said, f"lead {lead} is not right: {said}")
