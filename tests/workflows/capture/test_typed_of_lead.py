"""The events of a lead by type: those of all its streams, in order, and shared by concurrent callers."""

from __future__ import annotations

import asyncio

from engine.operations.audit_log import ENGINE
from workflows.identity.merge import merge

TYPES = frozenset({"signup", "download"})


async def test_each_caller_gets_the_events_of_its_lead(runtime, send):
    await send("ada", "signup")
    await send("bob", "download")
    await send("ada", "page_view")
    await send("ada", "download")
    of_lead = runtime.capture.by_type.of_lead
    ada, bob, nobody = await asyncio.gather(*(of_lead(lead, TYPES) for lead in ("ada", "bob", "nobody")))
    assert [event.type for event in ada] == ["signup", "download"]
    assert [event.type for event in bob] == ["download"]
    assert nobody == []


async def test_a_merged_lead_has_those_of_all_its_streams_under_each_of_its_ids(runtime, send):
    await send("ada", "signup")
    await send("bob", "download")
    await merge(runtime, ENGINE, "bob", "ada", "")
    of_lead = runtime.capture.by_type.of_lead
    found = await asyncio.gather(*(of_lead(lead, TYPES) for lead in ("ada", "bob")))
    for lead_id, events in zip(("ada", "bob"), found, strict=True):
        assert [event.type for event in events] == ["signup", "download"]
        assert {event.lead_id for event in events} == {lead_id}


async def test_what_is_stored_before_a_call_is_among_its_events(runtime, send):
    of_lead = runtime.capture.by_type.of_lead
    for number in range(3):
        await send("ada", "signup")
        assert len(await of_lead("ada", TYPES)) == number + 1
