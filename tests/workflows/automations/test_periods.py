"""Rolling periods: an automation fires for a lead at most once in so many days, however late events come."""

from __future__ import annotations

import pytest

from domain.instant import DAY, HOUR, to_datetime
from domain.rulebooks.rulebook import Rulebook
from engine.rulebooks.library import load_rulebook
from engine.runtime import open_runtime
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads


@pytest.fixture
async def fired_with(settings, runtime, clock):
    """A function that sends an event at each of some moments (days after the start); the days that fired."""

    async def run(
        period: object, days: list[float], *, at_once: bool = False, **sections: object
    ) -> list[float]:
        content = load_rulebook("classic").model_dump(by_alias=True, exclude_none=True)
        tag = {"type": "tag", "tag": "seen"}
        content["automations"] = [
            {
                "id": "seen",
                "trigger": {"event": "page_view"},
                "period": period,
                "maxAgeHours": 9999,
                "action": tag,
            }
        ]
        rules = Rulebook.model_validate({**content, "name": "periods", **sections})
        start = clock.at
        clock.at = start + round(max(days) * DAY) + HOUR
        async with open_runtime(settings, rulebook=rules, work_queue=runtime.work_queue, now=clock) as engine:
            for number, day in enumerate(days):
                at = to_datetime(start + round(day * DAY))
                await ingest(
                    engine,
                    [EventInput(lead_id="ada", type="page_view", event_id=f"e{number}", occurred_at=at)],
                )
                if not at_once:
                    await process_leads(engine, ["ada"])
            await process_leads(engine, ["ada"])
            page = await engine.automations.executions.page(
                lead_id="ada", rule_id=None, state=None, after=None, limit=50
            )
            events = {event.position: event for event in await engine.capture.events.of_lead("ada")}
        return sorted((events[one.cause_position].occurred_at - start) / DAY for one in page)

    return run


async def test_a_rolling_period_begins_when_it_fires(fired_with):
    assert await fired_with({"days": 7}, [0, 1, 6.99, 7, 8, 14]) == [0, 7, 14]


async def test_events_that_are_applied_together_fire_as_one_by_one(fired_with):
    assert await fired_with({"days": 7}, [0, 1, 6.99, 7, 8, 14], at_once=True) == [0, 7, 14]


async def test_a_late_event_does_not_fire_beside_a_later_one_that_did(fired_with):
    assert await fired_with({"days": 2}, [10, 8.5, 7]) == [7, 10]


async def test_the_control_a_calendar_period_fires_on_both_sides_of_midnight(fired_with, clock):
    midnight = -(clock.at % DAY) / DAY + 1
    assert len(await fired_with("day", [midnight - 0.01, midnight + 0.01])) == 2


async def test_a_rolling_period_does_not_end_at_midnight(fired_with, clock):
    midnight = -(clock.at % DAY) / DAY + 1
    assert len(await fired_with({"days": 1}, [midnight - 0.01, midnight + 0.01])) == 1


async def test_a_day_is_one_of_the_time_zone(fired_with, clock):
    midnight_in_utc = -(clock.at % DAY) / DAY + 1
    around = [midnight_in_utc - 0.01, midnight_in_utc + 0.01]
    assert len(await fired_with("day", around, timezone="Asia/Tokyo")) == 1
