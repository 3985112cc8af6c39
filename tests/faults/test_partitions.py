"""A whole engine on a log of 16 partitions: two dispatchers share it, and everything that follows the log follows all of it."""

from __future__ import annotations

import asyncio
import itertools
import re

import pytest

from tests.api.stream.reader import reading
from tests.faults.harness.clients import open_client
from tests.faults.harness.load import drawn_events, send_all, writing
from workflows.replay.replay import replay

pytestmark = pytest.mark.long

PARTITIONS = 16
PATIENCE = 60
"""Seconds; far more than anything takes here."""


@pytest.fixture
async def engine(new_engine):
    """With two dispatchers, each of which has half of the groups."""
    async with new_engine(log_partitions=PARTITIONS) as opened:
        await opened.start("api", "dispatcher-1", "dispatcher-2", "scheduler", "worker-1")
        await opened.ready()
        async with asyncio.timeout(PATIENCE):
            while sorted((await _groups(opened)).values()) != [PARTITIONS / 2, PARTITIONS / 2]:
                await asyncio.sleep(0.1)
        yield opened


async def _groups(engine) -> dict[str, int]:
    """How many groups each dispatcher has."""
    query = [
        {"$match": {"_id": {"$regex": "^dispatcher:"}}},
        {"$group": {"_id": "$holder", "groups": {"$sum": 1}}},
    ]
    found = await engine.truth.store.database["leases"].aggregate(query)
    return {doc["_id"]: doc["groups"] async for doc in found}


async def _unheld(http) -> float:
    metrics = (await http.get("/metrics")).text
    found = re.search(r"^lead_engine_dispatch_groups_unheld (\S+)$", metrics, re.MULTILINE)
    return float(found[1]) if found else float("nan")  # which MongoDB did not say in time


async def _until_unheld(http, wanted: float) -> None:
    async with asyncio.timeout(PATIENCE):
        while await _unheld(http) != wanted:
            await asyncio.sleep(0.1)


async def _sent(engine, seed: int, number: int) -> None:
    events = itertools.islice(drawn_events(seed, leads=100), number)
    await send_all([engine.url], engine.ledger, events, at_once=20)


async def _stored(engine) -> set[int]:
    return {doc["_id"] async for doc in engine.truth.store.database["events"].find({}, {"_id": 1})}


async def test_a_killed_dispatcher_leaves_its_groups_to_the_other(engine, seed):
    async with open_client(engine.url) as http:
        async with writing(engine.url, engine.ledger, seed=seed, writers=8, at_once=5):
            await _until_unheld(http, 0)
            await engine.kill("dispatcher-1")
            async with asyncio.timeout(PATIENCE):
                while list((await _groups(engine)).values()) != [PARTITIONS]:
                    await asyncio.sleep(0.1)
        await engine.check(within=PATIENCE)
        await _until_unheld(http, 0)
    report = await replay(engine.truth, "verify")
    assert (report.drifted, report.failed) == ([], {})
    assert report.events == len(await _stored(engine))


async def test_control_without_a_dispatcher_events_are_stored_and_stay_unapplied_until_one_comes(
    engine, seed
):
    await engine.kill("dispatcher-1")
    await engine.kill("dispatcher-2")
    async with open_client(engine.url) as http:
        await _until_unheld(http, PARTITIONS)
        await _sent(engine, seed, 200)
        lag = re.search(
            r"^lead_engine_dispatch_lag_events (\S+)$", (await http.get("/metrics")).text, re.MULTILINE
        )
        assert float(lag[1]) == len(await _stored(engine)) > 0
        assert await engine.truth.leads.lists.count() == 0
    await engine.start("dispatcher-3")
    await engine.check(within=PATIENCE)


async def test_the_log_is_paged_without_a_gap_and_the_stream_resumes(engine, seed):
    await _sent(engine, seed, 300)
    await engine.check(within=PATIENCE)
    async with open_client(engine.url) as http:
        page = (await http.get("/api/event-log", params={"limit": 200})).json()
        cursor, seen = page["cursor"], {event["position"] for event in page["items"]}
        async with reading(http) as stream:
            first = await stream.next(PATIENCE)
        before = await _stored(engine)
        await _sent(engine, seed + 1, 300)
        await engine.check(within=PATIENCE)
        async with reading(http, after=first.id) as stream:
            last = max(await _stored(engine) - before)
            of = (await engine.truth.store.database["events"].find_one({"_id": last}))["leadId"]
            await stream.leads_until(of, last, PATIENCE)
        found: list[int] = []
        while True:
            page = (await http.get("/api/event-log", params={"limit": 50, "cursor": cursor})).json()
            found += [event["position"] for event in page["items"]]
            cursor = page["cursor"]
            if not page["more"]:
                break
    assert len(found) == len(set(found))
    assert set(found) >= await _stored(engine) - before
    assert not seen & set(found)


async def test_commands_pass_over_all_of_it(engine, seed):
    await _sent(engine, seed, 200)
    await engine.check(within=PATIENCE)
    for name, arguments in (("replay", ("--verify",)), ("decay", ())):
        await engine.start(name, arguments=arguments)
        assert await engine.ended(name, seconds=PATIENCE) == 0
    await engine.check(within=PATIENCE)
    await engine.truth.store.database["scoreHistory"].delete_one({})
    await engine.start("replay", arguments=("--verify",))
    assert await engine.ended("replay", seconds=PATIENCE) != 0, (
        "the control: a lead is not what its events give"
    )


async def test_messages_of_an_sdk_are_scored_and_a_person_is_erased(engine):
    async with open_client(engine.url) as http:
        made = (await http.post("/api/sources", json={"name": "website"})).json()
        messages = [
            {"type": "track", "userId": f"u-{number}", "event": "signup", "messageId": f"m-{number}"}
            for number in range(40)
        ]
        sent = await http.post("/v1/batch", json={"batch": messages}, auth=(made["writeKey"], ""))
        assert sent.status_code == 200, sent.text
        await engine.check(within=PATIENCE)
        leads = (await http.get("/api/leads", params={"limit": 200})).json()["items"]
        assert (len(leads), {lead["score"] for lead in leads}) == (40, {20})
        erased = await http.delete(f"/api/leads/{leads[0]['leadId']}/personal-data")
        assert erased.status_code == 200, erased.text
    await engine.check(within=PATIENCE)


async def test_a_poisoned_lead_stops_itself_and_no_other(engine, seed):
    await engine.kill("worker-1")
    await engine.start("worker-1", sabotage={"plant": ["poisonous_events"]})
    bad = {"eventId": "bad", "leadId": "bad", "type": "poison.raise"}
    await send_all([engine.url], engine.ledger, [bad])
    await _sent(engine, seed, 200)
    async with open_client(engine.url) as http, asyncio.timeout(PATIENCE):
        while True:
            letters = (await http.get("/api/dead-letters")).json()["items"]
            if [one["leadId"] for one in letters if one["state"] == "quarantined"] == ["bad"]:
                break
            await asyncio.sleep(0.1)
    await engine.check(within=PATIENCE, but=["bad"])
