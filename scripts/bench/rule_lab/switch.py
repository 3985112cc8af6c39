"""The switch of all leads to the states of a challenger that is published, and the way back."""

from __future__ import annotations

import time
from collections.abc import Awaitable

from engine.operations.audit_log import ENGINE
from scripts.bench.checks import verify
from scripts.bench.report.figures import Figure, Row
from scripts.bench.rule_lab.histories import tried
from scripts.bench.state.fixtures import fill
from scripts.bench.workbench import Question, Workbench
from workflows.rule_lab.shadow import follow_shadow, start_shadow
from workflows.rule_lab.switch_states import switch_back, switch_to_challenger
from workflows.rulebooks.activate import activate_rulebook

__all__ = ["SWITCH"]

_DAYS = 30


async def _answer(bench: Workbench) -> list[Row]:
    async with bench.store() as runtime:
        leads = len(await fill(runtime, bench.size(10_000, 500)))
        bench.say(f"the challenger folds {leads:,} leads")
        before, challenger = runtime.rulebook.document, tried(runtime)
        await start_shadow(runtime, ENGINE, challenger, "", _DAYS)
        while await follow_shadow(runtime):
            pass
        await activate_rulebook(runtime, ENGINE, challenger, instead_of=before.label)
        there = await _seconds(leads, switch_to_challenger(runtime))
        await activate_rulebook(runtime, ENGINE, before, instead_of=challenger.label)
        back = await _seconds(leads, switch_back(runtime, challenger.label))
    note = f"{leads:,} leads, in one process; histories follow in the background"
    return [
        Row(question=34, name=f"{leads:,} leads have the challenger's states", measured=there, note=note),
        Row(question=34, name=f"{leads:,} leads have their states from before", measured=back, note=note),
    ]


async def _seconds(leads: int, switch: Awaitable[int]) -> Figure:
    """How long a switch takes; it must be of all leads."""
    started = time.monotonic()
    switched = await switch
    seconds = time.monotonic() - started
    verify(switched == leads, f"{switched} of {leads} leads were switched")
    return Figure("s", (seconds,))


SWITCH = Question("switch", "How soon do leads have the states of a published challenger?", _answer, (34,))
