"""A challenger follows the live stream: its states are those of a fold from the first event, its firings those of a simulation."""

from __future__ import annotations

import asyncio
import dataclasses
from collections import Counter
from datetime import timedelta

import pytest

from domain.errors import Conflict, NotFound
from domain.events.partition import partition_of
from domain.instant import DAY
from domain.rule_lab.simulation import Window, simulate
from domain.rulebooks.compiled import compile_rulebook
from engine.operations.audit_log import ENGINE, Actor
from tests.workflows.partitioned import leads_of, with_partitions
from tests.workflows.rule_lab.conftest import NOW, rules
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge, unmerge
from workflows.leads.process import process_leads
from workflows.rule_lab.shadow import follow_shadow, start_shadow
from workflows.rule_lab.shadow_report import report_shadow
from workflows.rulebooks.activate import activate_rulebook

CHALLENGER = rules(2, visit=9)


class Clock:
    def __init__(self, runtime, leads):
        self.days = 0.0
        self.leads = leads
        self.runtime = dataclasses.replace(runtime, now=self.now)

    def now(self):
        return int(NOW.timestamp() * 1000 + self.days * DAY)


@pytest.fixture
async def following(runtime, leads):
    """The challenger has begun, and time can be made to pass."""
    clock = Clock(runtime, leads)
    await start_shadow(clock.runtime, ENGINE, CHALLENGER, "", 30)
    return clock


async def send(clock, *events):
    """Events that occurred so many days after the beginning."""
    inputs = [
        EventInput(lead_id=lead, type=kind, occurred_at=NOW + timedelta(days=at)) for lead, kind, at in events
    ]
    await ingest(clock.runtime, inputs)
    await process_leads(clock.runtime, [lead for lead, *_ in events])


async def live(clock, killed=lambda: None):
    """Ten days, on some of which something happens, and something late."""
    for day in range(10):
        clock.days = day + 1.0
        await send(
            clock,
            (f"lead-{day % 4:03d}", "page_view", day + 0.5),
            ("new", "demo_request" if day == 2 else "page_view", day + 0.7),
            *([("lead-001", "demo_request", day - 3.5)] if day == 5 else []),
        )
        killed()
        await follow_shadow(clock.runtime)


async def expected(clock, lead_id):
    events = (await clock.runtime.capture.events.of_leads([lead_id]))[lead_id]
    window = Window(int(NOW.timestamp() * 1000), clock.now())
    return simulate(lead_id, [one.decode() for one in events], compile_rulebook(CHALLENGER), window)


async def fired(runtime):
    found = runtime.store.database["shadowFirings"].find()
    return Counter([(doc["leadId"], doc["ruleId"]) async for doc in found])


async def test_states_and_firings_are_those_of_all_events_at_once(following):
    await live(following)
    following.days = 20
    await follow_shadow(following.runtime)  # time alone
    found = await following.runtime.rule_lab.shadow.page("", 100)
    assert [one.lead_id for one in found] == [*following.leads, "new"]  # those too that did nothing
    wanted = Counter()
    for one in found:
        simulated = await expected(following, one.lead_id)
        assert (one.state.score, one.state.stage_since) == (
            simulated.state.score,
            simulated.state.stage_since,
        )
        wanted += Counter((one.lead_id, alert.rule_id) for alert in simulated.alerts)
    assert await fired(following.runtime) == wanted
    assert {rule for _, rule in wanted} == {"call", "quiet"}


async def test_a_log_of_several_partitions_is_followed_as_one(runtime):
    async with with_partitions(runtime, 4) as several:
        await activate_rulebook(several, ENGINE, rules())
        clock = Clock(several, [])
        await start_shadow(clock.runtime, ENGINE, CHALLENGER, "", 30)
        await live(clock)
        folded = await clock.runtime.rule_lab.shadow.leads(["new", *(f"lead-{one:03d}" for one in range(4))])
        assert len({partition_of(one, 4) for one in folded}) > 1
        assert len(folded) == 5
        for lead_id, lead in folded.items():
            simulated = await expected(clock, lead_id)
            assert lead.state.score == simulated.state.score
        report = await report_shadow(clock.runtime)
        assert report is not None
        assert report.behind == 0


async def test_one_that_is_killed_goes_on_and_fires_nothing_twice(following, monkeypatch):
    begun = (await following.runtime.rule_lab.shadow.find()).started_position
    await live(following)
    once = await fired(following.runtime)
    await following.runtime.rule_lab.shadow.stop()
    await follow_shadow(following.runtime)
    assert await report_shadow(following.runtime) is None
    assert await fired(following.runtime) == Counter()

    again = following.runtime
    await start_shadow(again, ENGINE, CHALLENGER, "", 30)
    as_before = {"position": begun, "startedAt": NOW.replace(tzinfo=None)}
    await again.store.database["shadowRulebooks"].update_one({"_id": "challenger"}, {"$set": as_before})
    monkeypatch.setattr("workflows.rule_lab.shadow._EVENTS_AT_A_TIME", 4)
    kills, move_on = 0, again.rule_lab.shadow.move_on

    async def killed(*args):
        nonlocal kills
        result = await move_on(*args)
        kills += 1
        if kills % 2:
            raise asyncio.CancelledError
        return result

    monkeypatch.setattr(again.rule_lab.shadow, "move_on", killed)
    for _ in range(30):
        try:
            await follow_shadow(again)
        except asyncio.CancelledError:
            continue
        break
    assert kills > 4
    await follow_shadow(again)
    assert await fired(again) == once


async def test_the_report_stands_both_side_by_side_until_it_ends(following):
    await live(following)
    report = await report_shadow(following.runtime)
    all_leads = len(following.leads) + 1
    assert (report.leads, report.behind, report.shadow.state) == (all_leads, 0, "running")
    assert sum(one.leads for one in report.stages) == all_leads
    assert report.is_filled
    moved = {one.moved: one for one in report.ended}
    assert moved["up"].leads + moved["down"].leads == report.moved
    lists = await following.runtime.leads.states.shown(following.leads)
    won = sum(outcome == "won" for *_, outcome in lists.values())
    assert sum(one.won for one in report.ended) == won > 0
    assert report.moved > 0
    alerts = {one.automation: one.then for one in report.alerts}
    assert alerts["call"] == Counter(rule for _, rule in (await fired(following.runtime)).elements())["call"]
    following.days = 31
    await follow_shadow(following.runtime)
    assert (await report_shadow(following.runtime)).shadow.state == "ended"
    await send(following, ("new", "page_view", 31))
    assert await follow_shadow(following.runtime) == 0


async def test_the_active_rulebook_is_no_challenger_and_there_must_be_one_to_stop(runtime, leads):
    with pytest.raises(Conflict, match="is active"):
        await start_shadow(runtime, ENGINE, rules(), "", 1)
    with pytest.raises(Conflict, match="raise its version"):
        await start_shadow(runtime, ENGINE, rules(1, visit=9), "", 1)
    with pytest.raises(NotFound, match="No rulebook is shadowed"):
        await runtime.rule_lab.shadow.stop()
    assert await follow_shadow(runtime) == 0


async def test_a_merged_lead_is_one_lead_again_after_its_undoing(following):
    runtime, lab = following.runtime, following.runtime.rule_lab.shadow
    await send(following, ("lead-000", "page_view", 0.1), ("new", "demo_request", 0.2))
    following.days = 1
    await follow_shadow(runtime)
    by = Actor("key", "support", "k1")
    await merge(runtime, by, "new", "lead-000", "one person")
    await follow_shadow(runtime)
    found = {one.lead_id: one.state.score for one in await lab.page("", 100)}
    assert found.keys() == {*following.leads}
    assert found["lead-000"] == (await expected(following, "lead-000")).state.score
    await unmerge(runtime, by, "new", "two people")
    await follow_shadow(runtime)
    parted = {one.lead_id: one.state.score for one in await lab.page("", 100)}
    for one in ("lead-000", "new"):
        assert parted[one] == (await expected(following, one)).state.score


@pytest.mark.parametrize("whole", [0, 1], ids=["down", "up"])
async def test_a_lead_merged_over_partitions_is_followed_after_its_undoing(runtime, whole):
    async with with_partitions(runtime, 2) as several:
        await activate_rulebook(several, ENGINE, rules())
        clock, by = Clock(several, []), Actor("key", "support", "k1")
        await start_shadow(clock.runtime, ENGINE, CHALLENGER, "", 30)
        names = [*leads_of(0, 2, 1), *leads_of(1, 2, 1)]
        into, part = names[whole], names[1 - whole]

        async def follow(*events):
            clock.days += 1
            if events:
                await send(clock, *((lead_id, kind, clock.days - 0.5) for lead_id, kind in events))
            await follow_shadow(clock.runtime)
            for one in await clock.runtime.rule_lab.shadow.page("", 10):
                simulated = (await expected(clock, one.lead_id)).state
                assert (one.state.score, one.state.events) == (simulated.score, simulated.events)

        await follow((into, "page_view"), (part, "demo_request"))
        await merge(clock.runtime, by, part, into, "one person")
        await follow((into, "page_view"), (part, "page_view"))
        await unmerge(clock.runtime, by, part, "two people")
        await follow()
        await follow((into, "page_view"))
        await follow((part, "page_view"), (into, "demo_request"))
        assert {one.lead_id for one in await clock.runtime.rule_lab.shadow.page("", 10)} == {into, part}
