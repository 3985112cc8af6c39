"""Random worlds: people who are identified, merged and un-merged in any order, against the plain fold of their events.

The reference reads the log of events and nothing else: from the pairs of merges it works out which streams are one lead, and
sends the same events to a fresh lead. Both must say the same, and a replay must find no drift.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from datetime import UTC, timedelta

import pytest
from msgspec.structs import asdict

from domain.errors import Conflict
from domain.instant import to_datetime
from engine.operations.audit_log import Actor
from engine.rulebooks.built_in import built_in_labels
from tests.faults.harness.memberships import Memberships
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge, unmerge
from workflows.intelligence.intelligence import read_intelligence
from workflows.leads.process import process_leads
from workflows.replay.replay import replay

BY = Actor("key", "tests", "k1")
TYPES = ("page_view", "download", "signup", "demo_request", "email_open")


@pytest.fixture
def runtime(runtime):
    at = runtime.now()
    return dataclasses.replace(runtime, now=lambda: at)


async def shown(runtime, lead_id, rulebook=None):
    found = asdict(await read_intelligence(runtime, lead_id, rulebook=rulebook))
    return {name: value for name, value in found.items() if name not in ("lead_id", "position", "details")}


async def stored_events(runtime):
    cursor = runtime.store.database["events"].find().sort("_id", 1)
    return [doc async for doc in cursor]


def groups_by_the_log(events):
    """Which streams are one lead, by the latest word on each stream."""
    memberships = Memberships(events)
    groups = {}
    for event in events:
        groups.setdefault(memberships.lead_of(event["leadId"]), []).append(event)
    return groups


class World:
    def __init__(self, runtime, seed):
        self.runtime, self.rng, self.streams = runtime, random.Random(seed), set()

    async def step(self):
        act = self.rng.choices([self.identify, self.apply, self.merge, self.unmerge], [12, 3, 2, 2])[0]
        await act()

    async def identify(self):
        rng = self.rng
        said = {
            "anonymousId": f"a{rng.randrange(6)}",
            "userId": f"u{rng.randrange(3)}",
            "email": f"p{rng.randrange(3)}@example.com",
        }
        kinds = rng.sample(sorted(said), rng.choice([1, 1, 1, 2, 3]))
        events = [
            EventInput(
                type=rng.choice(TYPES),
                identifiers={kind: said[kind] for kind in kinds},
                occurred_at=to_datetime(self.runtime.now()) - timedelta(hours=rng.randrange(1000)),
            )
            for _ in range(rng.choice([1, 1, 3]))
        ]
        self.streams |= {one.lead_id for one in await ingest(self.runtime, events)}

    async def apply(self):
        await process_leads(self.runtime, self.rng.sample(sorted(self.streams), len(self.streams) // 2))

    async def merge(self):
        if len(self.streams) > 1:
            part, whole = self.rng.sample(sorted(self.streams), 2)
            await merge(self.runtime, BY, part, whole, "a person says so")

    async def unmerge(self):
        if self.streams:
            with contextlib.suppress(Conflict):
                await unmerge(
                    self.runtime, BY, self.rng.choice(sorted(self.streams)), "another person says so"
                )


@pytest.mark.parametrize("seed", range(8))
async def test_every_lead_is_the_fold_of_the_streams_that_the_log_gives_it(runtime, seed):
    world = World(runtime, seed)
    for _ in range(40):
        await world.step()
    await process_leads(runtime, world.streams)
    events = await stored_events(runtime)
    groups = groups_by_the_log(events)
    listed = {doc["_id"] async for doc in runtime.store.database["leads"].find({}, {"_id": 1})}
    assert listed == groups.keys()
    report = await replay(runtime, "verify")
    assert (report.drifted, report.failed, report.outdated) == ([], {}, 0)
    await _compare(runtime, groups)


async def test_unmerging_everything_leads_back_to_the_streams(runtime):
    world = World(runtime, 99)
    for _ in range(40):
        await world.step()
    await process_leads(runtime, world.streams)
    for _ in range(100):
        merged = [doc async for doc in runtime.store.database["leadStreams"].find()]
        left = [doc["_id"] for doc in merged if doc["leadId"] != doc["_id"]]
        if not left:
            break
        await unmerge(runtime, BY, left[0], "all of them")
    groups = groups_by_the_log(await stored_events(runtime))
    assert groups.keys() == world.streams
    await _compare(runtime, groups)
    report = await replay(runtime, "verify")
    assert (report.drifted, report.failed, report.outdated) == ([], {}, 0)


async def _compare(runtime, groups):
    """Send what senders said of each group to a fresh lead, in the order of arrival; both have to look the same."""
    rulebooks = [None, *[await runtime.rulebooks.library.find(label) for label in built_in_labels()]]
    for number, (lead_id, of_lead) in enumerate(sorted(groups.items())):
        sent = [event for event in of_lead if event["source"] != "lead-engine"]
        if not sent:
            continue
        fresh = [
            EventInput(
                lead_id=f"reference-{number}",
                type=event["type"],
                occurred_at=event["occurredAt"].replace(tzinfo=UTC),
                source=event["source"],
            )
            for event in sent
        ]
        await ingest(runtime, fresh)
        for rulebook in rulebooks:
            assert await shown(runtime, lead_id, rulebook) == await shown(
                runtime, f"reference-{number}", rulebook
            )
