"""Reading leads: however many are read at the same time, it is one query."""

from __future__ import annotations

import asyncio

import pytest

from engine.leads.lead_document import UnreadableLead
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads

LEADS = [f"lead-{number}" for number in range(20)]


@pytest.fixture
async def leads(runtime, monkeypatch):
    """The store, with leads in it, and the queries for states that it makes."""
    await ingest(runtime, [check_event({"leadId": lead, "type": "signup"}) for lead in LEADS])
    await process_leads(runtime, LEADS)
    store, queries, read = runtime.leads.states, [], runtime.leads.states.documents

    async def counted(lead_ids, session=None):
        if session is None:
            queries.append(set(lead_ids))
        return await read(lead_ids, session)

    monkeypatch.setattr(store, "documents", counted)
    store.queries = queries
    return store


async def test_concurrent_reads_share_a_query_and_each_gets_its_lead(leads):
    states = await asyncio.gather(*map(leads.get, LEADS))
    assert [state.lead_id for state in states] == LEADS
    assert [state.position for state in states] == list(range(1, 21))
    assert leads.queries == [set(LEADS)]


async def test_a_single_read_does_not_wait_for_others(leads):
    for lead in LEADS[:3]:
        assert (await leads.get(lead)).lead_id == lead
    assert leads.queries == [{lead} for lead in LEADS[:3]]


async def test_a_lead_that_cannot_be_read_or_is_not_there_harms_no_other(leads, runtime):
    await runtime.store.database["leads"].update_one({"_id": LEADS[3]}, {"$set": {"state": "?"}})
    asked = [*LEADS, "nobody"]
    found = await asyncio.gather(*map(leads.get, asked), return_exceptions=True)
    assert leads.queries == [set(asked)]
    assert isinstance(found[3], UnreadableLead)
    assert found[-1] is None
    assert [one.lead_id for one in found[:3] + found[4:-1]] == LEADS[:3] + LEADS[4:]


async def test_a_read_returns_what_was_written_before_it_began(leads, runtime, monkeypatch):
    """Also while the query of another read that began before the write is still running."""
    found, go_on, read = asyncio.Event(), asyncio.Event(), leads.documents

    async def slow(lead_ids, session=None):
        documents = await read(lead_ids, session)
        if session is None:
            found.set()
            await go_on.wait()
        return documents

    monkeypatch.setattr(leads, "documents", slow)
    early = asyncio.create_task(leads.get("lead-1"))
    await found.wait()
    await ingest(runtime, [check_event({"leadId": "lead-1", "type": "signup"})])
    await process_leads(runtime, ["lead-1"])
    asking = [asyncio.create_task(leads.get("lead-1")) for _ in range(5)]
    await asyncio.sleep(0)
    go_on.set()
    assert {state.position for state in await asyncio.gather(*asking)} == {21}
    assert (await early).position == 2
    assert leads.queries == [{"lead-1"}, {"lead-1"}]
