"""Routing through a real store: leads go to reps who are present, fairly, once, whatever fails and in whichever process."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from domain.errors import Invalid
from domain.instant import DAY, HOUR, MINUTE, to_datetime
from domain.rulebooks.compiled import compile_rulebook
from domain.teams.routing_rules import RoutingRules
from engine.operations.audit_log import Actor
from engine.rulebooks.library import load_rulebook
from engine.store.mongo import transact
from engine.work.loop import WorkLoop
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads
from workflows.people.accounts import deactivate, set_absence
from workflows.privacy.encrypt import opened
from workflows.teams import route
from workflows.teams.route import routing_kind
from workflows.teams.routing_rules import activate_rules, add_rules

ADMIN = Actor("command line", "test")


@pytest.fixture
async def reps(runtime):
    """Ids of three reps by name."""
    return {
        name: (await runtime.people.accounts.add(f"{name}@x.com", name, "rep", 0)).person_id
        for name in ("ada", "ben", "cem")
    }


@pytest.fixture
def activated(runtime, reps):
    """Activate rules whose one pool has these members, by name: `await activated({"ada": {"weight": 2}})`."""
    versions = iter(range(1, 100))

    async def activated(members, pool=None, **rules):
        listed = [{"rep": reps[name], "hours": ALWAYS, **given} for name, given in members.items()]
        document = {
            "version": next(versions),
            "rules": [{"id": "all", "pool": "sales"}],
            "pools": [{"id": "sales", "members": listed, **(pool or {})}],
            **rules,
        }
        parsed = RoutingRules.model_validate(document)
        await add_rules(runtime, ADMIN, parsed)
        await activate_rules(runtime, ADMIN, parsed.version)

    return activated


ALWAYS = {
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "opens": "00:00",
    "closes": "24:00",
}


@pytest.fixture
def arrive(runtime):
    """Let leads do something, and route them: `await arrive("a", "b")`."""

    async def arrive(*lead_ids, kind="signup", work=True, **event):
        await ingest(runtime, [EventInput(lead_id=one, type=kind, **event) for one in lead_ids])
        await process_leads(runtime, lead_ids)
        if work:
            await drain(runtime)
            await process_leads(runtime, lead_ids)

    return arrive


async def drain(runtime):
    return await WorkLoop(routing_kind(runtime), runtime.now).drain()


@pytest.fixture
def owners(runtime, reps):
    """The owners of leads by name: `await owners("a", "b")`."""
    names = {person: name for name, person in reps.items()} | {None: None}

    async def owners(*lead_ids):
        found = await runtime.leads.states.owners(lead_ids)
        return [names[found[one]] for one in lead_ids]

    return owners


async def test_without_rules_nobody_is_asked(runtime, arrive, owners):
    await arrive("a")
    assert await owners("a") == [None]
    assert await runtime.store.database["routingRequests"].count_documents({}) == 0


async def test_a_new_lead_goes_to_a_rep_and_its_event_says_why(runtime, activated, arrive, owners, reps):
    await activated({"ada": {}})
    await arrive("a")

    assert await owners("a") == ["ada"]
    event = (await opened(runtime, await runtime.capture.events.of_lead("a")))[-1]
    assert (event.type, event.event_id) == ("lead.assigned", "route:a:1")
    assert event.properties["ownerId"] == reps["ada"]
    assert (event.properties["by"], event.properties["rule"]) == ("routing", "all")
    assert "smallest share" in event.properties["why"]


async def test_leads_are_shared_by_weight(runtime, activated, arrive, owners):
    await activated({"ada": {"weight": 2}, "ben": {}, "cem": {}})
    leads = [f"lead-{number}" for number in range(16)]
    for lead in leads:
        await arrive(lead)
        runtime.now.at += MINUTE

    assert Counter(await owners(*leads)) == {"ada": 8, "ben": 4, "cem": 4}


async def test_nobody_absent_inactive_or_without_work_gets_a_lead(runtime, activated, arrive, owners, reps):
    await activated({"ada": {}, "ben": {}, "cem": {}})
    await set_absence(runtime, ADMIN, reps["ada"], runtime.now() + DAY)
    await deactivate(runtime, ADMIN, reps["ben"])
    leads = [f"lead-{number}" for number in range(6)]
    await arrive(*leads)
    assert set(await owners(*leads)) == {"cem"}

    await runtime.people.accounts.change(reps["cem"], {"role": "viewer"})
    await arrive("late")
    assert await owners("late") == [None]


async def test_a_rep_who_is_back_from_leave_is_level_with_the_others_and_gets_no_flood(
    runtime, activated, arrive, owners, reps
):
    await activated({"ada": {}, "ben": {}, "cem": {}})
    await set_absence(runtime, ADMIN, reps["cem"], runtime.now() + DAY)
    await arrive(*(f"before-{number}" for number in range(8)))
    runtime.now.at += DAY
    after = [f"after-{number}" for number in range(9)]
    for lead in after:
        await arrive(lead)

    assert Counter(await owners(*after)) == {"ada": 3, "ben": 3, "cem": 3}


async def test_capacity_counts_open_leads_and_those_that_are_on_their_way(runtime, activated, arrive, owners):
    await activated({"ada": {"capacity": 2}, "ben": {"capacity": 3}})
    leads = [f"lead-{number}" for number in range(7)]
    await arrive(*leads, work=False)
    await drain(runtime)  # no event of an assignment has been applied yet
    await process_leads(runtime, leads)
    assert Counter(await owners(*leads)) == {"ada": 2, "ben": 3, None: 2}


async def test_those_who_wait_are_served_in_the_order_in_which_they_came(runtime, activated, arrive, owners):
    hours = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "opens": "18:00", "closes": "24:00"}
    await activated({"ada": {"hours": hours, "capacity": 3}})
    leads = ["zoe", "bob", "yan", "cat", "xia"]
    for lead in leads:  # it is noon
        await arrive(lead)
        runtime.now.at += HOUR
    assert await owners(*leads) == [None] * 5
    for _ in range(40):
        runtime.now.at += 5 * MINUTE
        await arrive(f"page-{runtime.now.at}", work=False, kind="page_view")
        if runtime.now.at % DAY >= 18 * HOUR + 20 * MINUTE:
            break
        await drain(runtime)
    await drain(runtime)
    await process_leads(runtime, leads)

    assert await owners(*leads) == ["ada", "ada", "ada", None, None]


async def test_a_lead_waits_without_using_up_attempts_and_the_fallback_takes_it(
    runtime, activated, arrive, owners, reps
):
    await activated({"ada": {}}, {"fallback": reps["ben"], "fallbackAfterMinutes": 60})
    await set_absence(runtime, ADMIN, reps["ada"], runtime.now() + 30 * DAY)
    await arrive("a")
    for _ in range(11):
        runtime.now.at += 5 * MINUTE
        await drain(runtime)
    unit = await runtime.teams.requests.get("route:a:1")
    assert (unit.state, unit.tries, unit.attempts, unit.pool) == ("waiting", 0, (), "sales")

    runtime.now.at += 6 * MINUTE
    await drain(runtime)
    await process_leads(runtime, ["a"])

    assert await owners("a") == ["ben"]


async def test_an_absent_fallback_gets_nothing(runtime, activated, arrive, owners, reps):
    await activated({"ada": {}}, {"fallback": reps["ben"], "fallbackAfterMinutes": 1})
    for rep in reps.values():
        await set_absence(runtime, ADMIN, rep, runtime.now() + DAY)
    await arrive("a")
    runtime.now.at += HOUR
    await drain(runtime)
    await process_leads(runtime, ["a"])
    assert await owners("a") == [None]


async def test_a_lead_is_routed_when_it_enters_a_stage_of_the_rules(runtime, activated, arrive, owners):
    await activated({"ada": {}}, stages=["hot", "qualified"])
    await arrive("a", kind="page_view")
    assert await owners("a") == [None]
    await arrive("a", kind="demo_request")
    await arrive("a", kind="demo_request")
    assert await owners("a") == ["ada"]


async def test_old_events_and_owned_leads_are_not_routed(runtime, activated, arrive, owners):
    await activated({"ada": {}})
    await arrive("old", occurred_at=to_datetime(runtime.now() - 73 * HOUR))
    assert await owners("old") == [None]
    await arrive("a")
    await arrive("a", kind="demo_request")
    assert await runtime.store.database["routingRequests"].count_documents({}) == 1


async def test_attributes_decide_the_rule(reps, activated, arrive, owners):
    rules = [
        {"id": "germany", "where": {"country": {"in": ["DE"]}}, "pool": "dach"},
        {"id": "rest", "pool": "sales"},
    ]
    pools = [
        {"id": "dach", "members": [{"rep": reps["ben"], "hours": ALWAYS}]},
        {"id": "sales", "members": [{"rep": reps["ada"], "hours": ALWAYS}]},
    ]
    await activated({"ada": {}}, rules=rules, pools=pools)
    await arrive("a", kind="lead.updated", properties={"country": "DE"})
    await arrive("b", kind="lead.updated", properties={"country": "FR"})
    assert await owners("a", "b") == ["ben", "ada"]


async def test_a_crash_between_decision_and_event_repeats_the_same_decision(
    runtime, activated, arrive, owners, monkeypatch
):
    await activated({"ada": {}, "ben": {}})
    await arrive("a", work=False)
    carry_out = route._carry_out

    async def dies(*_):
        raise ConnectionError("the process is gone")

    monkeypatch.setattr(route, "_carry_out", dies)
    await drain(runtime)
    (decided,) = await runtime.teams.decisions.page(None, 10)
    monkeypatch.setattr(route, "_carry_out", carry_out)
    runtime.now.at += HOUR
    await drain(runtime)
    await process_leads(runtime, ["a"])

    assert (await runtime.leads.states.owners(["a"]))["a"] == decided.owner_id
    assert len(await runtime.teams.decisions.page(None, 10)) == 1


async def test_many_processes_at_once_decide_each_lead_once_and_keep_the_shares(
    runtime, activated, arrive, owners
):
    await activated({"ada": {}, "ben": {}, "cem": {}})
    leads = [f"lead-{number}" for number in range(12)]
    await arrive(*leads, work=False)
    await asyncio.gather(*(drain(runtime) for _ in range(4)))
    await process_leads(runtime, leads)

    assert Counter(await owners(*leads)) == {"ada": 4, "ben": 4, "cem": 4}
    assert len(await runtime.teams.decisions.page(None, 100)) == 12


async def test_a_rep_deactivated_at_the_same_moment_gets_nothing(runtime, activated, arrive, owners, reps):
    await activated({"ada": {}, "ben": {}})
    await arrive(*(f"lead-{number}" for number in range(10)), work=False)
    at = asyncio.create_task(deactivate(runtime, ADMIN, reps["ada"]))
    await asyncio.gather(at, drain(runtime), drain(runtime))

    (entry,) = await runtime.operations.audit.page(reps["ada"], None, 1)
    late = await runtime.store.database["routingDecisions"].count_documents(
        {"ownerId": reps["ada"], "at": {"$gt": entry.at}}
    )
    assert late == 0
    await arrive("after")
    assert await owners("after") == ["ben"]


async def test_rules_that_name_people_who_cannot_work_are_refused(runtime, reps):
    rules = RoutingRules.model_validate(
        {
            "rules": [{"id": "all", "pool": "sales"}],
            "pools": [{"id": "sales", "members": [{"rep": "nobody"}, {"rep": reps["ada"]}]}],
        }
    )
    with pytest.raises(Invalid) as refused:
        await add_rules(runtime, ADMIN, rules)
    assert [fault.pointer for fault in refused.value.faults] == ["/pools/0/members/0/rep"]


async def test_the_fold_of_a_lead_is_the_same_with_routing_as_a_replay(runtime, activated, arrive):
    await activated({"ada": {}})
    await arrive("a")
    before = (await runtime.leads.states.get_many(["a"]))["a"]

    async def forget(session):
        await runtime.leads.states.invalidate("a", before.position, session)

    await transact(runtime.store.client, forget)
    await process_leads(runtime, ["a"])
    assert (await runtime.leads.states.get_many(["a"]))["a"] == before


async def test_a_time_for_the_first_contact_needs_a_rulebook_that_knows_contacts(
    runtime, activated, monkeypatch
):
    without_contacts = compile_rulebook(load_rulebook("classic@1"))
    monkeypatch.setattr(runtime.rulebooks.active, "_current", without_contacts)
    with pytest.raises(Invalid) as refused:
        await activated({"ada": {}}, {"firstTouchMinutes": 20})
    assert [fault.pointer for fault in refused.value.faults] == ["/pools/0/firstTouchMinutes"]
