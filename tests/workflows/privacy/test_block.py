"""A lead that was erased and blocked cannot be brought back by senders or imports, until the block is lifted."""

from __future__ import annotations

import asyncio
import re

import pytest

from engine.operations.audit_log import ENGINE
from engine.runtime import open_runtime
from workflows.capture.decode import check_event
from workflows.capture.ingest import ingest
from workflows.imports.import_file import import_file
from workflows.imports.mapping.mapping_file import parse_mapping
from workflows.privacy.block import block_lead, unblock_lead
from workflows.privacy.erase import erase_personal_data


async def send(runtime, *lead_ids):
    events = [
        check_event({"leadId": lead_id, "type": "t", "properties": {"email": "x"}}) for lead_id in lead_ids
    ]
    return [one.status for one in await ingest(runtime, events)]


@pytest.fixture
async def blocked(runtime, monkeypatch):
    """Ada was erased and blocked; Eve was not."""
    monkeypatch.setattr("workflows.privacy.block.FRESH_SECONDS", 0)
    assert await send(runtime, "ada", "eve") == ["accepted", "accepted"]
    await erase_personal_data(runtime, ENGINE, "ada", block=True)


async def test_events_of_the_lead_are_left_out_and_those_of_others_stored(runtime, blocked):
    assert await send(runtime, "ada", "eve", " ada\ufeff") == ["blocked", "accepted", "blocked"]
    assert await send(runtime, "ada") == ["blocked"]
    assert await runtime.store.database["events"].count_documents({"leadId": "ada"}) == 1
    assert await runtime.store.database["leadKeys"].count_documents({"_id": "ada"}) == 0


async def test_without_block_an_erasure_takes_what_comes_later(runtime):
    """The control."""
    await send(runtime, "ada")
    await erase_personal_data(runtime, ENGINE, "ada")
    assert await send(runtime, "ada") == ["accepted"]


async def test_the_block_can_be_lifted_and_set_again(runtime, blocked):
    assert await unblock_lead(runtime, ENGINE, "ada")
    assert not await unblock_lead(runtime, ENGINE, "ada")
    assert await send(runtime, "ada") == ["accepted"]
    await block_lead(runtime, ENGINE, "ada")
    await block_lead(runtime, ENGINE, "ada")
    assert await send(runtime, "ada") == ["blocked"]
    entries = runtime.store.database["auditLog"].find({"target": "ada"})
    actions = sorted([entry["action"] async for entry in entries])
    assert actions == ["lead.blocked", "lead.blocked", "lead.unblocked", "personal_data.erased"]


async def test_another_process_knows_within_a_second_and_a_new_one_at_once(runtime, settings, monkeypatch):
    async with open_runtime(settings, work_queue=runtime.work_queue, now=runtime.now) as other:
        assert await send(other, "ada") == ["accepted"]
        await erase_personal_data(runtime, ENGINE, "ada", block=True)
        assert await send(other, "ada") == ["blocked"]
    async with open_runtime(settings, work_queue=runtime.work_queue, now=runtime.now) as another:
        assert await send(another, "ada") == ["blocked"]


async def test_the_store_of_blocks_does_not_show_the_lead(runtime, blocked):
    documents = await runtime.store.database["blockedLeads"].find().to_list()
    assert not re.search(r"\bada\b", str(documents))  # within a hash it means nothing
    assert len(documents) == 2


async def test_many_requests_at_once_share_one_look_and_are_all_refused(runtime, blocked):
    runtime.privacy.blocked.forget()
    results = await asyncio.gather(*(send(runtime, "ada") for _ in range(50)))
    assert results == [["blocked"]] * 50


async def test_the_next_nightly_export_is_imported_without_the_person_and_says_so(runtime, blocked, tmp_path):
    file = tmp_path / "leads.csv"
    file.write_text("Id,Created,Mail\nada,2026-11-20,a@example.org\nbob,2026-11-20,b@example.org\n")
    mapping = parse_mapping(
        'source: crm\nleadId: "{Id}"\nevents: [{type: signup, eventId: "s:{Id}", occurredAt: {column: Created}, properties: {email: Mail}}]',
        "map",
    )
    report = await import_file(
        file, mapping, lambda events: ingest(runtime, events), rejects=tmp_path / "rejects.csv"
    )
    assert (report.rows, report.accepted, report.blocked) == (2, 1, 1)
    assert await runtime.store.database["events"].count_documents({"leadId": "ada"}) == 1
