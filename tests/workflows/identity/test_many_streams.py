"""Leads of more streams than MongoDB merges in the order of an index by itself: queries read the lead's own events alone."""

from __future__ import annotations

import pytest

from domain.events.applied_positions import NOTHING_APPLIED
from domain.identity.membership import Merge
from engine.store.mongo import transact
from workflows.capture.event_input import MAX_EVENTS, EventInput
from workflows.capture.ingest import ingest

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
