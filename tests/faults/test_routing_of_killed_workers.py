"""Workers are killed while they route leads, time the first contact and hand leads over: each lead is assigned once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter

import pytest

from domain.teams.routing_rules import RoutingRules
from engine.operations.audit_log import ENGINE
from engine.teams.hand_over import Wish
from tests.faults.harness.clients import open_client
from workflows.teams.hand_over import hand_over
from workflows.teams.routing_rules import activate_rules, add_rules

LEADS = [f"lead-{number}" for number in range(12)]
REPS = ("ada", "ben", "cem")
LEASE = 2.0
ROUTING = {
    "claimed, not decided": ("workflows.teams.route:route_lead", "before"),
    "decided, not committed": ("engine.teams.decision_store:DecisionStore.add", "after"),
    "committed, no event appended": ("workflows.teams.route:transact", "after"),
    "event appended, position not recorded": (
        "engine.teams.decision_store:DecisionStore.record_position",
        "before",
    ),
    "recorded, timer not started": ("workflows.teams.route:start_timer", "before"),
    "timer started, request not finished": ("workflows.teams.route:start_timer", "after"),
}
FIRST_TOUCH = {
    "claimed, nothing said": ("workflows.teams.first_touch:check_first_touch", "before"),
    "event appended, unit not finished": ("workflows.teams.first_touch:_append", "after"),
    "miss recorded, lead not taken back": (
        "engine.teams.decision_store:DecisionStore.record_miss",
        "after",
    ),
    "taken back, share not credited": ("workflows.teams.first_touch:transact", "before"),
    "credited, unit not finished": ("workflows.teams.first_touch:_take_back", "after"),
}
HAND_OVER = {
    "claimed, nothing appended": ("workflows.teams.hand_over:continue_hand_over", "before"),
    "appended, not recorded": ("engine.teams.hand_over:HandOverStore.advance", "before"),
    "recorded, next pass not begun": ("engine.teams.hand_over:HandOverStore.begin_pass", "before"),
    "leads done, tasks not": ("workflows.teams.hand_over:_hand_over_tasks", "before"),
    "done, unit not finished": ("workflows.teams.hand_over:_finished", "after"),
}


@pytest.fixture
async def team(new_engine):
    """Opens an engine with reps in one pool: `await team(REPS, firstTouchMinutes=1)`. Its worker does not run yet."""
    opened = []

    async def team(names=REPS, **pool):
        manager = new_engine(rulebook="standard")
        engine = await manager.__aenter__()
        opened.append(manager)
        accounts = engine.truth.people.accounts
        reps = [(await accounts.add(f"{name}@example.com", name, "rep", 0)).person_id for name in names]
        members = [{"rep": rep} for rep in reps]
        rules = {
            "version": 1,
            "rules": [{"id": "all", "pool": "p"}],
            "pools": [{"id": "p", "members": members, **pool}],
        }
        await add_rules(engine.truth, ENGINE, RoutingRules.model_validate(rules))
        await activate_rules(engine.truth, ENGINE, 1)
        await engine.start("api", "dispatcher", "scheduler")
        await engine.ready()
        return engine, reps

    yield team
    for manager in opened:
        await manager.__aexit__(None, None, None)


async def crash_at(engine, point, nth=1, plant=()):
    """Start a worker that is killed at this point."""
    crash = {"at": point[0], "when": point[1], "nth": nth}
    await engine.start("worker-1", sabotage={"crash": crash, "plant": plant, "lease": LEASE})


async def send(engine, kind="signup"):
    async with open_client(engine.url, seconds=20) as http:
        events = [{"leadId": lead, "type": kind} for lead in LEADS]
        assert (await http.post("/api/events", json=events)).json()["accepted"] == len(LEADS)


async def recover(engine):
    """The worker is killed, and another one takes over."""
    assert await engine.ended("worker-1") == -9
    await engine.start("worker-1", sabotage={"lease": LEASE})


async def until(condition, seconds=60):
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


async def events_of(engine, kind):
    database = engine.truth.store.database
    return await database["events"].find({"type": kind}).sort("_id", 1).to_list()


async def owners_of(engine):
    return await engine.truth.leads.states.owners(LEADS)


async def all_are_owned(engine):
    owners = await owners_of(engine)
    return len(owners) == len(LEADS) and None not in owners.values()


async def everything_is_done(engine, kind):
    return not await engine.truth.work.stores[kind].by_due_time(None, None, 1)


async def faults_of_routing(engine):
    """Leads that were not assigned exactly once, to whom the one decision about them says, in fair shares."""
    faults = []
    decisions = await engine.truth.teams.decisions.page(None, 200)
    chosen = {one.lead_id: one.owner_id for one in decisions}
    if len(decisions) != len(LEADS) or chosen.keys() != set(LEADS):
        faults.append(f"{len(decisions)} decisions about {len(chosen)} leads")
    assigned = Counter(event["leadId"] for event in await events_of(engine, "lead.assigned"))
    faults += [f"{lead} was assigned {assigned[lead]} times" for lead in LEADS if assigned[lead] != 1]
    owners = await owners_of(engine)
    faults += [f"{lead} is not whose it was decided" for lead in LEADS if owners[lead] != chosen[lead]]
    shares = Counter(chosen.values())
    if set(shares.values()) != {len(LEADS) // len(REPS)}:
        faults.append(f"the shares are {dict(shares)}")
    return faults


async def route_through_a_crash(engine, point, nth, plant=()):
    await crash_at(engine, point, nth, plant)
    await send(engine)
    await recover(engine)
    await until(lambda: all_are_owned(engine))
    await until(lambda: everything_is_done(engine, "routing"))


@pytest.mark.long
@pytest.mark.parametrize("name", ROUTING)
async def test_each_lead_is_routed_once_whenever_the_worker_is_killed(team, seed, name):
    engine, _ = await team()
    await route_through_a_crash(engine, ROUTING[name], random.Random(seed).randint(1, 6))
    assert await faults_of_routing(engine) == []


async def test_each_lead_is_routed_once_though_the_worker_is_killed_at_one_of_the_steps(team, seed):
    engine, _ = await team()
    chance = random.Random(seed)
    await route_through_a_crash(engine, ROUTING[chance.choice(sorted(ROUTING))], chance.randint(1, 6))
    assert await faults_of_routing(engine) == []


@pytest.mark.long
async def test_control_an_assignment_without_a_key_is_there_twice_after_a_crash(team, seed):
    engine, _ = await team()
    point = ROUTING["event appended, position not recorded"]
    await route_through_a_crash(engine, point, 1, plant=("assignments_without_a_key",))
    assert any("was assigned 2 times" in fault for fault in await faults_of_routing(engine))


@pytest.mark.long
@pytest.mark.parametrize("name", FIRST_TOUCH)
async def test_each_miss_is_said_and_taken_back_once_whenever_the_worker_is_killed(team, seed, name):
    # Given leads that nobody contacts, and a rep who has three seconds for each
    engine, reps = await team(("ada",), firstTouchMinutes=0.05, whenMissed="reassign")
    await crash_at(engine, FIRST_TOUCH[name], random.Random(seed).randint(1, 6))
    await send(engine)
    # When the worker is killed at this step
    await recover(engine)

    async def every_lead_was_missed_and_is_nobodys():
        events = await events_of(engine, "first_touch.missed")
        owners = set((await owners_of(engine)).values())
        return len(events) >= len(LEADS) and owners == {None}

    await until(every_lead_was_missed_and_is_nobodys, seconds=120)
    await until(lambda: everything_is_done(engine, "first-touch"))
    # Then the rep had each lead once, missed it once, was reminded once at most, and the share does not count
    decisions = Counter(
        (one.lead_id, one.owner_id) for one in await engine.truth.teams.decisions.page(None, 200)
    )
    each = {(lead, rep): 1 for lead in LEADS for rep in reps}
    assert decisions == each
    said = {
        kind: Counter(
            (event["leadId"], event["properties"]["ownerId"]) for event in await events_of(engine, kind)
        )
        for kind in ("first_touch.due", "first_touch.missed")
    }
    assert said["first_touch.missed"] == each
    assert said["first_touch.due"] <= Counter(each)
    assigned = Counter(
        (event["leadId"], event["properties"]["ownerId"])
        for event in await events_of(engine, "lead.assigned")
    )
    assert assigned == {**each, **{(lead, None): len(reps) for lead in LEADS}}
    pool = await engine.truth.store.database["routingPools"].find_one({"_id": "p"})
    assert [clock["time"] for clock in pool["clocks"]] == pytest.approx([0.0] * len(reps), abs=1e-6)


async def hand_over_through_a_crash(engine, reps, point, plant=()):
    """All leads of the first rep go to the second one. Returns how many there were."""
    await engine.start("worker-2")
    await send(engine)
    await until(lambda: all_are_owned(engine))
    await until(lambda: everything_is_done(engine, "routing"))
    await engine.kill("worker-2")
    first = [lead for lead, owner in (await owners_of(engine)).items() if owner == reps[0]]
    await hand_over(engine.truth, ENGINE, reps[0], Wish(to="person", owner_id=reps[1], why="has left"))
    await crash_at(engine, point, plant=plant)
    await recover(engine)
    await until(lambda: everything_is_done(engine, "hand-over"))
    owners = await owners_of(engine)
    assert all(owners[lead] == reps[1] for lead in first)
    assigned = Counter(event["leadId"] for event in await events_of(engine, "lead.assigned"))
    return [f"{lead} was assigned {assigned[lead]} times" for lead in first if assigned[lead] != 2]


@pytest.mark.long
@pytest.mark.parametrize("name", HAND_OVER)
async def test_a_hand_over_goes_on_whenever_the_worker_is_killed(team, name):
    engine, reps = await team()
    assert await hand_over_through_a_crash(engine, reps, HAND_OVER[name]) == []
    handed = await engine.truth.teams.hand_overs.latest(reps[0])
    assert handed.leads == len(LEADS) // len(REPS)


@pytest.mark.long
async def test_control_a_hand_over_without_keys_assigns_leads_twice_after_a_crash(team):
    engine, reps = await team()
    point = HAND_OVER["appended, not recorded"]
    faults = await hand_over_through_a_crash(engine, reps, point, plant=("assignments_without_a_key",))
    assert any("was assigned 3 times" in fault for fault in faults)
