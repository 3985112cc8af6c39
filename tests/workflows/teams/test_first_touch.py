"""Speed to lead: reminders and misses as events, in the working hours of the owner, and another owner after a miss."""

from __future__ import annotations

from collections import Counter

import pytest

from domain.instant import MINUTE
from engine.work.loop import WorkLoop
from tests.workflows.teams.test_routing import (  # noqa: F401 - fixtures
    ADMIN,
    activated,
    arrive,
    drain,
    owners,
    reps,
)
from workflows.leads.process import process_leads
from workflows.teams import first_touch
from workflows.teams.first_touch import first_touch_kind
from workflows.teams.routing_rules import deactivate_rules


@pytest.fixture
def settings(settings):
    return settings.model_copy(update={"rulebook": "standard"})  # it says which events are contacts


@pytest.fixture
def later(runtime):
    """Let so many minutes pass and do what has come due: `await later(10)`."""

    async def later(minutes):
        runtime.now.at += minutes * MINUTE
        for _ in range(3):
            await WorkLoop(first_touch_kind(runtime), runtime.now).drain()
            await process_leads(runtime, ["a"])
            await drain(runtime)
            await process_leads(runtime, ["a"])

    return later


async def said(runtime):
    return [
        event.type
        for event in await runtime.capture.events.of_lead("a")
        if event.type.startswith("first_touch")
    ]


async def test_a_reminder_at_half_and_a_miss_at_the_end(runtime, activated, arrive, owners, later):  # noqa: F811
    await activated({"ada": {}}, {"firstTouchMinutes": 20})
    await arrive("a")
    await later(9)
    assert await said(runtime) == []
    await later(1)
    assert await said(runtime) == ["first_touch.due"]
    await later(9)
    assert await said(runtime) == ["first_touch.due"]
    await later(1)
    assert await said(runtime) == ["first_touch.due", "first_touch.missed"]
    await later(60)
    assert await said(runtime) == ["first_touch.due", "first_touch.missed"]
    assert await owners("a") == ["ada"]
    (decision,) = await runtime.teams.decisions.page(None, 10)
    assert (decision.missed, decision.touched_at) == (True, None)


async def test_contact_in_time_ends_the_timer_and_is_recorded(runtime, activated, arrive, later):  # noqa: F811
    await activated({"ada": {}}, {"firstTouchMinutes": 20})
    await arrive("a")
    runtime.now.at += 3 * MINUTE
    await arrive("a", kind="call_unanswered")
    at = runtime.now.at
    await later(60)
    assert await said(runtime) == []
    (decision,) = await runtime.teams.decisions.page(None, 10)
    assert (decision.missed, decision.touched_at) == (False, at)


async def test_the_time_counts_in_the_working_hours_of_the_owner(runtime, activated, arrive, later):  # noqa: F811
    days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    hours = {"days": days, "opens": "09:00", "closes": "12:10"}  # it is noon
    await activated({"ada": {"hours": hours}}, {"firstTouchMinutes": 40})
    await arrive("a")
    await later(60)
    assert await said(runtime) == []
    await later(20 * 60 + 10)  # 08:10 on the next day has passed, 10 minutes after 09:00 have not
    assert await said(runtime) == ["first_touch.due"]


async def test_after_a_miss_somebody_else_gets_the_lead_and_the_share_is_credited(
    runtime,
    activated,  # noqa: F811
    arrive,  # noqa: F811
    owners,  # noqa: F811
    later,
):
    await activated({"ada": {}, "ben": {}}, {"firstTouchMinutes": 20, "whenMissed": "reassign"})
    await arrive("a")
    (first,) = await owners("a")
    await later(10)
    await later(10)
    (second,) = await owners("a")
    assert {first, second} == {"ada", "ben"}

    after = [f"after-{number}" for number in range(5)]
    for lead in after:
        await arrive(lead)
    assert Counter([second, *await owners(*after)]) == {"ada": 3, "ben": 3}
    assigned = [
        event.properties["ownerId"]
        for event in await runtime.capture.events.of_lead("a")
        if event.type == "lead.assigned"
    ]
    assert [one is None for one in assigned] == [False, True, False]


@pytest.mark.parametrize("members", [("ada",), ("ada", "ben"), ("ada", "ben", "cem")])
async def test_a_lead_that_everybody_has_missed_waits(  # noqa: PLR0917 - fixtures
    runtime,
    activated,  # noqa: F811
    arrive,  # noqa: F811
    owners,  # noqa: F811
    reps,  # noqa: F811
    later,
    members,
):
    await activated({name: {} for name in members}, {"firstTouchMinutes": 20, "whenMissed": "reassign"})
    await arrive("a")
    had = []
    for _ in members:
        had += await owners("a")
        await later(10)
        await later(10)
    assert sorted(had) == sorted(members)
    for _ in range(4):
        await later(10)
        assert await owners("a") == [None]
    unit = await runtime.teams.requests.get(f"route:a:{len(members) + 1}")
    assert (unit.state, set(unit.passed_over)) == ("waiting", {reps[name] for name in members})
    assert "had the lead before" in unit.waits_because


async def test_a_lead_that_was_taken_back_when_the_worker_died_still_goes_to_somebody_else(  # noqa: PLR0917
    runtime,
    activated,  # noqa: F811
    arrive,  # noqa: F811
    owners,  # noqa: F811
    later,
    monkeypatch,
):
    # Given a worker that dies after the lead was taken back, and before it is requested again
    await activated({"ada": {}, "ben": {}}, {"firstTouchMinutes": 20, "whenMissed": "reassign"})
    await arrive("a")
    (first,) = await owners("a")
    await later(10)
    real, dies = first_touch.transact, [True]

    async def transact(*args):
        if dies.pop() if dies else False:
            raise ConnectionError
        return await real(*args)

    monkeypatch.setattr(first_touch, "transact", transact)
    await later(10)
    assert await owners("a") == [None]
    assert not dies, "the control: it died there"
    # When the timer is attempted again
    await later(1)
    # Then the other one has the lead, and the share of the first does not count it
    (second,) = await owners("a")
    assert {first, second} == {"ada", "ben"}
    pool = await runtime.store.database["routingPools"].find_one({"_id": "sales"})
    assert sorted(clock["time"] for clock in pool["clocks"]) == [0.0, 1.0]


async def test_nothing_is_taken_back_while_routing_is_off(runtime, activated, arrive, owners, later):  # noqa: F811
    await activated({"ada": {}, "ben": {}}, {"firstTouchMinutes": 20, "whenMissed": "reassign"})
    await arrive("a")
    before = await owners("a")
    await deactivate_rules(runtime, ADMIN)
    await later(10)
    await later(10)
    assert await said(runtime) == ["first_touch.due", "first_touch.missed"]
    assert await owners("a") == before


async def test_a_lead_with_another_owner_is_left_alone(runtime, activated, arrive, reps, later):  # noqa: F811
    await activated({"ada": {}}, {"firstTouchMinutes": 20})
    await arrive("a")
    await arrive("a", kind="lead.assigned", properties={"ownerId": reps["ben"]})
    await later(60)
    assert await said(runtime) == []
