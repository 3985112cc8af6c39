"""Workers are killed while they estimate and run a campaign: every lead gets one message, and nobody is passed over."""

from __future__ import annotations

import asyncio
import functools

import pytest

from domain.campaigns.definition import AudienceFilter, CampaignDefinition, Wording
from engine.operations.audit_log import ENGINE
from workflows.campaigns.changes import start_campaign
from workflows.campaigns.drafts import create_campaign
from workflows.campaigns.estimate import request_estimate
from workflows.capture.event_input import EventInput
from workflows.capture.ingest import ingest
from workflows.leads.process import process_leads

STORES = "engine.campaigns"
ESTIMATE = {
    "collected, not noted": (f"{STORES}.campaign_store:CampaignStore.advance_estimate", "before"),
    "looked at, not noted": (f"{STORES}.member_store:MemberStore.every", "after"),
}
RUN = {
    "taken, nothing done": ("workflows.campaigns.run:take_turn", "before"),
    "planned, not noted": (f"{STORES}.member_store:MemberStore.settle", "before"),
    "noted, not finished": (f"{STORES}.member_store:MemberStore.settle", "after"),
}
LEASE = 2.0
MAIL = Wording(channel="email", subject="Hi", text="Hello")


async def until(condition, seconds=90):
    """Wait until the condition, which is asked again and again, has a value."""
    async with asyncio.timeout(seconds):
        while (found := await condition()) is None:
            await asyncio.sleep(0.2)
    return found


async def campaign_over(engine, step, kills, *, leads=30, plant=()):
    """A campaign to that many leads whose workers die at this step. Returns the most messages of a lead, the fewest, and how many leads the campaign has."""
    runtime = engine.truth
    names = [f"lead-{n}" for n in range(leads)]
    for lead in names:
        properties = {"email": f"ada@{lead}.example.com"}  # each with a limit of its own
        await ingest(runtime, [EventInput(lead_id=lead, type="lead.updated", properties=properties)])
    await process_leads(runtime, names)
    definition = CampaignDefinition(mode="broadcast", audience=AudienceFilter(), message=MAIL)
    campaign_id = (await create_campaign(runtime, ENGINE, "Killed", definition)).campaign_id
    read = functools.partial(runtime.campaigns.campaigns.get, campaign_id)
    await request_estimate(runtime, campaign_id)
    if step in ESTIMATE:
        await killed_at(engine, *ESTIMATE[step], kills, plant)
    await engine.start("worker-2", sabotage={"plant": plant, "lease": LEASE})

    async def digest():
        return (await read()).estimate.digest

    ready = await until(digest)
    estimate = (await read()).estimate
    assert (estimate.audience, estimate.checked, estimate.refused) == (leads, leads, 0)
    await engine.kill("worker-2")
    await start_campaign(runtime, ENGINE, campaign_id, ready)
    if step in RUN:
        await killed_at(engine, *RUN[step], kills, plant)
    await engine.start("worker-3", sabotage={"plant": plant, "lease": LEASE})

    async def everybody_had_their_turn():
        results = (await runtime.campaigns.members.tally(campaign_id)).results
        return None if results.get("waiting") else results

    members = sum((await until(everybody_had_their_turn)).values())
    pages = [await runtime.outreach.messages.page(lead_id=one, after=None, limit=10) for one in names]
    counts = [len(page) for page in pages]
    return max(counts), min(counts), members


async def killed_at(engine, at, when, kills, plant):
    """Start workers that die at this step, one after the other."""
    for number in range(kills):
        crash = {"at": at, "when": when, "nth": 1 + number % 3}
        await engine.start("worker-1", sabotage={"crash": crash, "plant": plant, "lease": LEASE})
        assert await engine.ended("worker-1") == -9


@pytest.mark.long
@pytest.mark.parametrize("step", [*ESTIMATE, *RUN])
async def test_a_campaign_whose_workers_die_reaches_everybody_once(new_engine, step):
    async with new_engine() as engine:
        assert await campaign_over(engine, step, kills=2) == (1, 1, 30)


@pytest.mark.long
async def test_control_without_ids_made_of_the_lead_somebody_gets_two_messages(new_engine):
    async with new_engine() as engine:
        plant = ("campaigns_without_a_record",)
        assert (await campaign_over(engine, "planned, not noted", kills=1, plant=plant))[0] > 1
