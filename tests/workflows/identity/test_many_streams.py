"""Leads of more streams than MongoDB merges in the order of an index by itself: queries read the lead's own events alone."""

from __future__ import annotations

import pytest

from domain.events.applied_positions import NOTHING_APPLIED, AppliedPositions
from domain.events.partition import partition_at
from domain.identity.membership import Merge
from engine.operations.audit_log import Actor
from engine.store.mongo import transact
from tests.workflows.partitioned import leads_of, tell, with_partitions
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest
from workflows.identity.merge import merge

STREAMS = 220
EVENTS = 3 * STREAMS
OTHERS = 1500


@pytest.fixture
async def lead(runtime):
    """A lead of 220 streams of a few events each, and many events of others behind them."""
    at = runtime.now()
    names = [f"stream-{number % STREAMS}" for number in range(EVENTS)]
    names += [f"other-{number}" for number in range(OTHERS)]
    for start in range(0, len(names), MAX_EVENTS):
        some = names[start : start + MAX_EVENTS]
        await ingest(runtime, [EventInput(lead_id=one, type="page_view") for one in some])

    async def join(session):
        for number in range(1, STREAMS):
            await runtime.identity.streams.merge(
                f"stream-{number}", Merge(f"stream-{number}", "stream-0", at), session
            )

    await transact(runtime.store.client, join)
    return "stream-0"


async def examined(runtime, read):
    """What `read` gives, and how many index entries and documents MongoDB looked at for events."""
    database = runtime.store.database
    await database.command({"profile": 2})
    result = await read()
    await database.command({"profile": 0})
    entries = await database["system.profile"].find({"ns": {"$regex": r"\.events$"}}).to_list()
    await database["system.profile"].drop()
    assert entries
    return result, max(max(one["keysExamined"], one["docsExamined"]) for one in entries)


async def test_reads_of_a_lead_of_many_streams_look_at_its_own_events(runtime, lead):
    events = runtime.capture.events
    positions = sorted(one.position for one in await events.of_lead(lead))
    assert len(positions) == EVENTS
    for read, expected in (
        (lambda: events.of_lead(lead), positions),
        (lambda: events.after({lead: NOTHING_APPLIED}, 10_000), positions),
        (lambda: events.page_of_lead(lead, 3), positions[:-4:-1]),
        (lambda: events.last_of_lead(lead), positions[-1]),
    ):
        result, looked_at = await examined(runtime, read)
        found = result if isinstance(result, int) else [one.position for one in result]
        assert found == expected
        assert looked_at <= EVENTS + STREAMS + 1


async def test_control_without_naming_the_index_the_whole_log_is_read(runtime, lead, monkeypatch):
    monkeypatch.setattr("engine.capture.event_store._hint", lambda streams: None)
    _, looked_at = await examined(runtime, lambda: runtime.capture.events.of_lead(lead))
    assert looked_at > OTHERS


READ = 20


async def test_folds_of_a_lead_of_two_partitions_look_at_the_events_that_they_read(runtime):
    """The events that are applied already, on either side of those that are read, and those of others are not looked at."""
    async with with_partitions(runtime, 2) as engine:
        low, *others = leads_of(0, 2, 4)
        high, *more = leads_of(1, 2, 4)
        for _ in range(10):
            for one in (low, high, *others, *more):
                await tell(engine, one, *(("page_view", 9) for _ in range(READ)), apply=False)
        await merge(engine, Actor("key", "tests", "k1"), low, high, "one person")
        ids = [one.position for one in await engine.capture.events.of_lead(high)]
        middle = AppliedPositions.of(one[len(one) // 2] for one in _by_partition(ids))
        later = AppliedPositions.of(one[len(one) // 2 + READ // 2] for one in _by_partition(ids))
        between = [one for one in ids if later.includes(one) and not middle.includes(one)]
        assert len(between) == READ
        events = engine.capture.events

        async def since():
            return await transact(
                engine.store.client, lambda session: events.since(high, middle, later, session)
            )

        nearly = AppliedPositions.of(one[-READ // 2 - 1] for one in _by_partition(ids))
        rest = [one for one in ids if not nearly.includes(one)]
        for read, wanted in (
            (since, between),
            (lambda: events.after({high: nearly}, 1000), rest),
            (lambda: events.newest_of_lead(high, 1000, beyond=nearly), rest),
            (lambda: events.of_lead(high, up_to=AppliedPositions.of(ids)), ids),
        ):
            result, looked_at = await examined(engine, read)
            assert sorted(one.position for one in result) == wanted
            assert looked_at <= len(wanted) + 8


def _by_partition(positions):
    return [[one for one in positions if partition_at(one) == part] for part in (0, 1)]
