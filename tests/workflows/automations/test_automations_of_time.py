"""Automations that only the passing of time triggers: a silence reached, a stage about to be left. Once each."""

from __future__ import annotations

import pytest

from domain.instant import DAY
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.library import load_rulebook
from engine.runtime import open_runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.decay.decay import apply_decay
from workflows.leads.process import process_leads

TASK = {"type": "task", "title": "Look at {leadId}"}


@pytest.fixture
async def engine_with(settings, runtime, clock):
    """A function that lets a lead ask for a demo and then days pass, each with its decay job; the rules that fired."""

    async def run(trigger: dict[str, float], *, days: int, period: str = "day") -> list[tuple[str, int]]:
        content = load_rulebook("standard").model_dump(by_alias=True, exclude_none=True)
        content["name"] = "timed"
        content["automations"] = [{"id": "timed", "trigger": trigger, "period": period, "action": TASK}]
        content["decayMinDelta"] = 1000  # so that only the automation asks for an event
        rules = Rulebook.model_validate(content)
        start = clock.at
        fired: list[tuple[str, int]] = []
        async with open_runtime(settings, rulebook=rules, work_queue=runtime.work_queue, now=clock) as engine:
            await ingest(engine, [EventInput(lead_id="ada", type="demo_request")])
            await process_leads(engine, ["ada"])
            for day in range(1, days + 1):
                clock.at = start + day * DAY
                await apply_decay(engine)
                runtime.work_queue.due.clear()
                await process_leads(engine, ["ada"])
                fired += [("timed", day) for _ in runtime.work_queue.due]
        return fired

    return run


async def test_a_silence_fires_once_on_the_day_it_is_reached(engine_with):
    assert await engine_with({"quietForDays": 3}, days=12) == [("timed", 3)]


async def test_a_coming_drop_fires_when_it_is_near(engine_with):
    # 35 points fade to 29.75, where hot is left, in 21 x log2(35 / 29.75) = 4.92 days
    fired = await engine_with({"dropWithinDays": 2}, days=5, period="once")
    assert fired == [("timed", 3)]
