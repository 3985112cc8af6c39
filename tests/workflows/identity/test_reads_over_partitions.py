"""What is read of leads whose streams lie in two partitions of the log, and who waits for them, also after an un-merge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.instant import MINUTE, SECOND, to_datetime
from domain.teams.routing_rules import RoutingRules
from engine.operations.audit_log import Actor
from engine.work.loop import WorkLoop
from tests.workflows.partitioned import leads_of, tell, with_partitions
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.drafts.conversation import known_of
from workflows.identity.merge import merge, unmerge
from workflows.intelligence.whole_timeline import read_whole_timeline
from workflows.leads.process import process_leads
from workflows.stream.hub import StreamHub
from workflows.teams.route import routing_kind
from workflows.teams.routing_rules import activate_rules, add_rules

BY = Actor("key", "tests", "k1")
LOW, *_ = leads_of(0, 2, 1)
HIGH, OTHER_HIGH = leads_of(1, 2, 2)
BOTH_WAYS = pytest.mark.parametrize(("first", "last"), [(LOW, HIGH), (HIGH, LOW)], ids=["up", "down"])
WITH_OTHERS = pytest.mark.parametrize("others", [(), (OTHER_HIGH,)], ids=["none left", "another one left"])
"""The streams that the lead keeps in the partition of the one that leaves it."""


@pytest.fixture
async def engine(runtime):
    async with with_partitions(runtime, 2) as opened:
        yield opened


async def say(engine, lead_id, kind, **properties):
    """An event a minute after the one before. Returns its position."""
    engine.now.at += MINUTE
    (stored,) = await ingest(engine, [EventInput(lead_id=lead_id, type=kind, properties=properties)])
    return stored.position


async def merged(engine, *parts, into):
    for one in (*parts, into):
        await tell(engine, one, ("page_view", 9))
    for one in parts:
        await merge(engine, BY, one, into, "one person")


@BOTH_WAYS
async def test_the_newest_events_are_those_received_last_in_whichever_partition(engine, first, last):
    await merged(engine, LOW, into=HIGH)
    said = [await say(engine, one, "page_view") for one in (first, first, last, last, first)]
    store = engine.capture.events
    found = await store.newest_of_lead(HIGH, 4)
    assert [one.position for one in found] == said[:0:-1]
    assert {one.lead_id for one in found} == {HIGH}
    answer = await say(engine, last, "email_reply")
    for one in (first, first, first):
        await say(engine, one, "page_view")
    found = await store.latest_of_lead(HIGH, ["email_reply"], 2)
    assert [one.position for one in found] == [answer]


@BOTH_WAYS
async def test_a_draft_knows_the_last_reply_in_whichever_partition(engine, monkeypatch, first, last):
    monkeypatch.setattr("workflows.drafts.conversation._EVENTS", 5)
    await merged(engine, LOW, into=HIGH)
    for _ in range(6):
        await say(engine, first, "page_view")
    await say(engine, last, "message.received", channel="email", messageBody="Call me", language="de")
    known = await known_of(engine, HIGH, "email")
    assert known.reply is not None
    assert known.language == "de"


@BOTH_WAYS
async def test_the_clicks_of_a_scanner_are_found_in_whichever_partition(engine, monkeypatch, first, last):
    monkeypatch.setattr("workflows.capture.machines._EVENTS", 5)
    await merged(engine, LOW, into=HIGH)
    for _ in range(6):
        await say(engine, first, "page_view")
    engine.now.at += MINUTE
    for number in range(3):
        at = to_datetime(engine.now()) - timedelta(seconds=5 - number)
        properties = {"messageId": "m1", "url": f"/{number}"}
        await ingest(
            engine,
            [EventInput(lead_id=last, type="email.clicked", occurred_at=at, properties=properties)],
        )
    kinds = [one.type for one in await engine.capture.events.of_lead(HIGH)]
    assert kinds.count("event.retracted") == 3


@BOTH_WAYS
async def test_the_timeline_has_the_events_of_either_partition_that_are_not_applied(engine, first, last):
    await merged(engine, LOW, into=HIGH)
    await say(engine, last, "download")
    await process_leads(engine, [HIGH])
    waiting = [await say(engine, first, "signup") for _ in range(3)]
    entries = await read_whole_timeline(engine, HIGH, ["activity", "merge"], None, 100)
    assert [int(one.place.identity) for one in entries[:3]] == waiting[::-1]
    positions = {one.position for one in await engine.capture.events.of_lead(HIGH)}
    assert {int(one.place.identity) for one in entries} == positions


@WITH_OTHERS
async def test_a_lead_is_routed_for_an_event_of_a_stream_that_has_left_it(engine, others):
    rep = (await engine.people.accounts.add("ada@x.com", "Ada", "rep", 0)).person_id
    hours = {"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "opens": "00:00", "closes": "24:00"}
    rules = {
        "version": 1,
        "rules": [{"id": "all", "pool": "sales"}],
        "pools": [{"id": "sales", "members": [{"rep": rep, "hours": hours}]}],
    }
    await add_rules(engine, BY, RoutingRules.model_validate(rules))
    await merged(engine, *others, HIGH, into=LOW)
    await activate_rules(engine, BY, 1)
    cause = await say(engine, HIGH, "signup")
    await engine.teams.requests.add({LOW: cause}, engine.now())
    loop = WorkLoop(routing_kind(engine), engine.now)
    await loop.drain()
    assert await owner(engine) is None, "the event is not applied yet"
    await unmerge(engine, BY, HIGH, "two people")
    engine.now.at += 2 * SECOND
    await loop.drain()
    await process_leads(engine, [LOW])
    assert await owner(engine) == rep


async def owner(engine):
    return (await engine.leads.states.owners([LOW]))[LOW]


@WITH_OTHERS
async def test_the_stream_does_not_wait_for_events_of_a_stream_that_has_left_the_lead(
    engine, monkeypatch, others
):
    monkeypatch.setattr(engine.leads.notifications, "publish", lambda positions: None)  # all are lost
    await merged(engine, *others, HIGH, into=LOW)
    await say(engine, HIGH, "signup")
    hub = StreamHub(engine)
    await hub._read_log()
    await hub._look_at(frozenset([LOW]), quarantined=False)
    assert hub.place != await engine.capture.log.end(), "the event is not applied yet"
    await unmerge(engine, BY, HIGH, "two people")
    await hub._read_log()
    await hub._look_at(frozenset([LOW, HIGH]), quarantined=False)
    assert hub.place == await engine.capture.log.end()


async def test_control_an_event_that_is_not_applied_is_waited_for(engine):
    await merged(engine, OTHER_HIGH, into=LOW)
    applied = await engine.leads.states.applied(LOW)
    position = await say(engine, OTHER_HIGH, "signup")
    assert not await engine.capture.events.all_applied(LOW, applied, position)
    assert await engine.capture.events.all_applied(LOW, applied.moved_to([position]), position)
