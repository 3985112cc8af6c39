"""A published challenger's states are read at once, and a rollback gives back those that were; histories follow."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.leads.assess import assess
from domain.rulebooks.compiled import compile_rulebook
from engine.leads.lead_pages import LeadFilter, LeadOrder
from engine.operations.audit_log import ENGINE
from tests.workflows.rule_lab.conftest import LEADS, NOW, rules
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.intelligence.intelligence import read_lead
from workflows.leads.process import process_leads
from workflows.leads.rebuild_outdated import rebuild_outdated
from workflows.privacy.erase import erase_personal_data
from workflows.replay.replay import replay
from workflows.rule_lab import switch_states
from workflows.rule_lab.publish import Limits, publish_preview, roll_back_rulebook
from workflows.rule_lab.run_preview import run_preview
from workflows.rule_lab.shadow import follow_shadow, start_shadow

CHALLENGER = rules(2, visit=9)


@pytest.fixture
async def previewed(runtime, leads, preview):
    """The challenger has folded every lead, and its rules were previewed."""
    await start_shadow(runtime, ENGINE, CHALLENGER, "", 30)
    while await follow_shadow(runtime):
        pass
    return await run_preview(runtime, await preview(CHALLENGER))


async def publish(runtime, previewed):
    await publish_preview(runtime, ENGINE, previewed, previewed.digest, Limits())


async def documents(runtime):
    return {doc["_id"]: doc async for doc in runtime.store.database["leads"].find()}


async def listed(runtime):
    page = await runtime.leads.lists.page(LeadFilter(), LeadOrder("score", descending=True), 1000)
    return {lead.lead_id: (lead.stage, lead.score, lead.rulebook) for lead in page.leads}


async def wanted(runtime):
    """Stage and score of each lead by the challenger's states."""
    found, at = compile_rulebook(CHALLENGER), runtime.now()
    seen = {one.lead_id: one.state for one in await runtime.rule_lab.shadow.page("", 1000)}
    shown = {one: assess(state, max(at, state.clock), found) for one, state in seen.items()}
    return {one: (was.stage, was.score, "mine@2") for one, was in shown.items()}


async def verify(runtime):
    report = await replay(runtime, mode="verify")
    assert (report.drifted, report.failed) == ([], {})
    return report.outdated


async def settle(runtime):
    while await rebuild_outdated(runtime):
        pass


async def happens(runtime, lead, kind="page_view"):
    await ingest(runtime, [EventInput(lead_id=lead, type=kind, occurred_at=NOW - timedelta(seconds=1))])
    await process_leads(runtime, [lead])


async def test_lists_and_reads_have_the_states_at_once_and_histories_follow(runtime, previewed):
    before, right = await listed(runtime), await wanted(runtime)
    await publish(runtime, previewed)
    assert len(right) == LEADS
    assert await listed(runtime) == right != before
    lead = await read_lead(runtime, "lead-000")
    assert (lead.rules.label, lead.state.assessment.score) == (
        "mine@2",
        (await runtime.leads.states.get("lead-000")).assessment.score,
    )
    assert await verify(runtime) == LEADS
    await settle(runtime)
    assert await verify(runtime) == 0
    after = await listed(runtime)
    assert {one: stage for one, (stage, *_) in after.items()} == {
        one: stage for one, (stage, *_) in right.items()
    }


async def test_the_control_without_a_challenger_lists_wait_for_the_fold(runtime, leads, preview):
    before = await listed(runtime)
    await publish(runtime, await run_preview(runtime, await preview(CHALLENGER)))
    assert await listed(runtime) == before


async def test_a_rollback_at_once_gives_back_every_document_and_leaves_nothing_to_do(runtime, previewed):
    before = await documents(runtime)
    await publish(runtime, previewed)
    published = await documents(runtime)
    assert published.keys() == before.keys()
    assert all(published[one] != before[one] for one in before)
    await roll_back_rulebook(runtime, ENGINE)
    assert await documents(runtime) == before
    assert await rebuild_outdated(runtime) == 0
    assert await verify(runtime) == 0
    await roll_back_rulebook(runtime, ENGINE)  # and forth
    assert await documents(runtime) == published


async def test_a_rollback_after_histories_were_rewritten_is_read_at_once_too(runtime, previewed):
    before = await listed(runtime)
    await publish(runtime, previewed)
    await settle(runtime)
    await happens(runtime, "lead-001")
    await roll_back_rulebook(runtime, ENGINE)
    after = await listed(runtime)
    assert {one for one in before if before[one] != after[one]} == {"lead-001"}  # it moved on: it is folded
    assert await verify(runtime) == LEADS
    await settle(runtime)
    assert await verify(runtime) == 0
    assert {one: stage for one, (stage, *_) in before.items() if one != "lead-001"} == {
        one: stage for one, (stage, *_) in (await listed(runtime)).items() if one != "lead-001"
    }


async def test_a_lead_that_moved_on_is_folded_and_a_further_event_finds_its_history_right(runtime, previewed):
    await happens(runtime, "lead-001")  # the challenger has not seen it
    executions = runtime.store.database["automationExecutions"]
    fired = await executions.count_documents({})
    await publish(runtime, previewed)
    assert {one for one, (*_, rulebook) in (await listed(runtime)).items() if rulebook == "mine@1"} == {
        "lead-001"
    }
    assert await executions.count_documents({}) == fired
    await happens(runtime, "lead-002")
    assert await verify(runtime) == LEADS - 1
    await settle(runtime)
    assert await verify(runtime) == 0


async def test_the_control_a_state_of_other_events_would_be_shown(runtime, previewed, monkeypatch):
    monkeypatch.setattr(switch_states, "_is_of_same_events", lambda *_: True)
    await happens(runtime, "lead-001", "demo_request")
    await publish(runtime, previewed)
    wrong = (await listed(runtime))["lead-001"][1]
    await settle(runtime)
    assert (await listed(runtime))["lead-001"][1] > wrong


async def test_what_a_killed_process_leaves_is_switched_by_the_next_run(runtime, previewed, monkeypatch):
    monkeypatch.setattr(switch_states, "_LEADS_AT_A_TIME", 7)
    swap, swaps = runtime.rule_lab.switch.swap, 0

    async def killed(*args):
        nonlocal swaps
        swaps += 1
        if swaps == 3:
            raise asyncio.CancelledError
        await swap(*args)

    monkeypatch.setattr(runtime.rule_lab.switch, "swap", killed)
    with pytest.raises(asyncio.CancelledError):
        await publish(runtime, previewed)
    assert sum(rulebook == "mine@2" for *_, rulebook in (await listed(runtime)).values()) == 14
    await follow_shadow(runtime)
    assert await listed(runtime) == await wanted(runtime)
    assert (await runtime.rule_lab.shadow.find()).state == "ended"


async def test_an_erased_person_is_not_kept(runtime, previewed):
    await publish(runtime, previewed)
    await erase_personal_data(runtime, ENGINE, "lead-003")
    kept = {doc["_id"] async for doc in runtime.store.database["keptLeads"].find()}
    assert len(kept) == LEADS - 1
    assert "lead-003" not in kept
